"""`Prompt`: a template with its roles, model and parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from nbstream.errors import ArgumentError
from nbstream.prompts.filled import FilledPrompt
from nbstream.prompts.template import Template, fill
from nbstream.prompts.template_strings import TemplateString, is_template_string, rendered_string
from nbstream.types.messages import Message, Role
from nbstream.types.params import check_params
from nbstream.types.rendered import RenderedPrompt

__all__ = ["Prompt"]

_VERSION_DIGITS = 12


class Prompt:
    """A prompt with variables in double braces, to be filled in and sent.

    An expression in ``{{ … }}`` is evaluated in Jinja2's sandbox. Everything else is sent as it is, and a
    value is never expanded again. Tables become Markdown and other structures JSON; of a long one the first
    20 rows or 100 items are sent, and the prompt says so: ``{{ df | rows(500) }}`` sends more.

    Parameters
    ----------
    template
        The message of the user, or a template string (``t"…"``) of Python 3.14.
    system
        Template of the system message.
    messages
        Examples of good answers: messages of user and assistant in turn, whose content is a template too.
    model, params
        Model and parameters of the request; `Chat.send` can replace them.
    defaults
        Values of variables that are not given.
    input_schema, output_schema
        JSON schemas of the variables and of the answer, as a prompt file names them.

    Raises
    ------
    ArgumentError
        When an expression is not valid, or a message is not one.

    Examples
    --------
    >>> prompt = Prompt("Translate {{ text }} to {{ language }}.", defaults={"language": "French"})
    >>> prompt.variables
    ('text', 'language')
    >>> prompt.render(text="sea")
    'Translate sea to French.'

    >>> import asyncio
    >>> from nbstream import Chat
    >>> async def main():
    ...     reply = await Chat("demo:nbstream-demo-fast").send(prompt.fill(text="sea"))
    ...     return reply.prompt.text, reply.prompt.summary
    >>> asyncio.run(main())
    ('Translate sea to French.', 'text, language')
    """

    def __init__(
        self,
        template: str | TemplateString,
        *,
        system: str | None = None,
        messages: Iterable[Message | Mapping[str, Any]] = (),
        model: str | None = None,
        params: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        input_schema: Mapping[str, Any] | None = None,
        output_schema: Mapping[str, Any] | None = None,
    ) -> None:
        self._bound: RenderedPrompt | None = None
        if is_template_string(template):
            self._bound = rendered_string(template)
        elif not isinstance(template, str):
            raise ArgumentError(
                f"A prompt is a text, not {type(template).__name__}.", advice='For example: Prompt("…").'
            )
        source = self._bound.template if self._bound else str(template)
        self._user = Template("" if self._bound else source)
        self.template = source
        self.system = system
        self._system = None if system is None else Template(system)
        self._examples = tuple(_example(message) for message in messages)
        self.model = model
        self.params = dict(params or {})
        check_params(self.params)
        self.defaults = dict(defaults or {})
        self.input_schema = input_schema
        self.output_schema = output_schema

    @property
    def variables(self) -> tuple[str, ...]:
        """The names that the prompt uses, in the order of their first use."""
        return tuple(dict.fromkeys(name for template in self._templates() for name in template.variables))

    @property
    def required(self) -> frozenset[str]:
        """Those of the names that need a value: they have no default.

        Examples
        --------
        >>> sorted(Prompt("{{ a }} {{ b | default('-') }} {{ c }}", defaults={"c": 1}).required)
        ['a']
        """
        parts = (part for template in self._templates() for part in template.expressions)
        return frozenset(name for part in parts for name in part.required) - self.defaults.keys()

    @property
    def version(self) -> str:
        """A hash of everything that decides what is sent: two prompts with the same version are equal.

        Examples
        --------
        >>> Prompt("Hello {{ name }}").version == Prompt("Hello {{ name }}").version
        True
        >>> Prompt("Hello {{ name }}").version == Prompt("Hello, {{ name }}").version
        False
        """
        text = json.dumps(self._content(), sort_keys=True, default=repr)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_VERSION_DIGITS]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prompt) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self.version)

    def __repr__(self) -> str:
        names = ", ".join(self.variables) or "no variables"
        return f"<Prompt {self.version}: {names}>"

    def fill(self, /, **values: Any) -> FilledPrompt:
        """Fill in the variables, for `Chat.send`.

        Parameters
        ----------
        **values
            Values of the variables; others are ignored, so that a row of a table can be given whole.

        Raises
        ------
        ArgumentError
            Lists every variable without a value, or every expression that has no text.

        Examples
        --------
        >>> Prompt("Hello {{ name }}").fill(name="Ada").text
        'Hello Ada'
        >>> Prompt("{{ greeting }} {{ nmae }}").fill(name="Ada")
        Traceback (most recent call last):
            ...
        nbstream.errors.ArgumentError: The prompt cannot be filled in: greeting, nmae (did you mean ...
        """
        known = self.defaults | values
        names = ", ".join(f"{name}=…" for name in self.variables)
        rendered = fill(self._templates(), known, advice=f"Give each a value: prompt.fill({names}).")
        user, *others = rendered
        system = others.pop(0).text if self._system is not None else None
        examples = tuple(
            Message(role, other.text) for (role, _), other in zip(self._examples, others, strict=True)
        )
        return FilledPrompt(self._shown(user, rendered), system, examples, self.model, self.params)

    def render(self, /, **values: Any) -> str:
        """The message of the user with these values.

        Raises
        ------
        ArgumentError
            As for `fill`.

        Examples
        --------
        >>> Prompt('{"city": "{{ city }}"}').render(city="Oslo")
        '{"city": "Oslo"}'
        """
        return self.fill(**values).text

    def messages(self, /, **values: Any) -> list[Message]:
        """All messages with these values: system, examples, and the user's.

        Raises
        ------
        ArgumentError
            As for `fill`.

        Examples
        --------
        >>> examples = [{"role": "user", "content": "sea"}, {"role": "assistant", "content": "mer"}]
        >>> prompt = Prompt("{{ word }}", system="Translate to {{ language }}.", messages=examples)
        >>> [(m.role, m.content) for m in prompt.messages(word="sun", language="French")]
        [('system', 'Translate to French.'), ('user', 'sea'), ('assistant', 'mer'), ('user', 'sun')]
        """
        return self.fill(**values).messages

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        r"""Read a prompt from a file.

        Parameters
        ----------
        path
            A dotprompt file (``.prompt``), a Prompty file (``.prompty``), or any other text, which is the
            template.

        Raises
        ------
        FileError
            When the file cannot be read, or uses what is not supported, such as ``{{#if}}``. Names it.

        Warns
        -----
        UserWarning
            When the file has fields that are not used. Names them.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "hello.prompt")
        ...     written = path.write_text("---\nconfig: {temperature: 0}\n---\nHello {{ name }}\n")
        ...     prompt = Prompt.from_file(path)
        >>> prompt.params, prompt.render(name="Ada")
        ({'temperature': 0}, 'Hello Ada')
        """
        from nbstream.prompts.files import read

        return cls(**read(Path(path)))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the prompt to a file that `from_file` reads.

        Parameters
        ----------
        path
            A name that ends in ``.prompt`` for dotprompt; any other for the text of the template alone.
        overwrite
            Also replace an existing file.

        Raises
        ------
        ArgumentError
            When the prompt was made of a template string.
        StateError
            When the file exists.
        FileError
            When a text file cannot hold the prompt, because it has more than a template.

        Examples
        --------
        >>> import tempfile
        >>> prompt = Prompt("Hello {{ name }}", system="Be terse.", params={"temperature": 0})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     prompt.save(f"{folder}/hello.prompt")
        ...     Prompt.from_file(f"{folder}/hello.prompt") == prompt
        True
        """
        from nbstream.prompts.files import write

        if self._bound is not None:
            raise ArgumentError("A prompt made of a template string has its values and cannot be saved.")
        write(Path(path), self, overwrite=overwrite)

    @property
    def examples(self) -> list[tuple[Role, str]]:
        """Roles and templates of the examples."""
        return [(role, template.source) for role, template in self._examples]

    def _templates(self) -> list[Template]:
        system = [] if self._system is None else [self._system]
        return [self._user, *system, *(template for _, template in self._examples)]

    def _shown(self, user: RenderedPrompt, rendered: list[RenderedPrompt]) -> RenderedPrompt:
        """The user's message, with what was filled in all messages."""
        if self._bound is not None:
            user = self._bound
        filled = [*user.filled, *(variable for part in rendered for variable in part.filled)]
        return RenderedPrompt(self.template, user.text, tuple(dict.fromkeys(filled)))

    def _content(self) -> dict[str, Any]:
        return {
            "template": self._bound.text if self._bound else self.template,
            "system": self.system,
            "examples": self.examples,
            "model": self.model,
            "params": self.params,
            "defaults": self.defaults,
            "input_schema": self.input_schema,
            "output_schema": self.output_schema,
        }


def _example(given: Message | Mapping[str, Any]) -> tuple[Role, Template]:
    found = given.as_dict() if isinstance(given, Message) else given
    role, content = (found.get("role"), found.get("content")) if isinstance(found, Mapping) else (None, None)
    if role not in {"user", "assistant"} or not isinstance(content, str):
        raise ArgumentError(
            "An example is a message of user or assistant, with text.",
            advice='For example: {"role": "user", "content": "sea"}.',
        )
    return role, Template(content)
