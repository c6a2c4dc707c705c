/**
 * The kernel interrupt of the Jupyter Server REST API: `POST {baseUrl}api/kernels/{id}/interrupt`.
 *
 * Only a page that a Jupyter server delivered has the configuration element that says where the API is;
 * elsewhere (VS Code, Colab) the promise rejects.
 */
export async function interruptKernel(kernelId: string): Promise<void> {
  const config = pageConfig();
  if (!config || !kernelId) throw new Error("No Jupyter server is available to interrupt the kernel.");
  const response = await fetch(`${config.baseUrl}api/kernels/${encodeURIComponent(kernelId)}/interrupt`, {
    method: "POST",
    headers: authorization(config.token),
    credentials: "same-origin",
  });
  if (!response.ok)
    throw new Error(`The Jupyter server refused to interrupt the kernel (${response.status}).`);
}

interface PageConfig {
  baseUrl: string;
  token: string;
}

function pageConfig(): PageConfig | null {
  const element = document.getElementById("jupyter-config-data");
  if (!element?.textContent) return null;
  const { baseUrl = "/", token = "" } = JSON.parse(element.textContent);
  // Another origin would receive the server's token.
  const { origin, href } = new URL(String(baseUrl), document.baseURI);
  return origin === location.origin ? { baseUrl: href, token: String(token) } : null;
}

function authorization(token: string): Record<string, string> {
  const xsrf = document.cookie.match(/(?:^|;\s*)_xsrf=([^;]+)/)?.[1];
  return {
    ...(xsrf && { "X-XSRFToken": xsrf }),
    ...(token && { Authorization: `token ${token}` }),
  };
}
