/** An anywidget that draws with streamdown, as its documentation shows: the whole text so far, at every frame. */
import { createRoot } from "react-dom/client";
import { Streamdown } from "streamdown";

function render({ model, el }) {
  const root = createRoot(el);
  let text = "";
  const draw = () => root.render(<Streamdown>{text}</Streamdown>);
  model.on("msg:custom", (message) => {
    text += message.append;
    draw();
  });
  draw();
  return () => root.unmount();
}

export default { render };
