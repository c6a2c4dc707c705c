"""Prompts with variables: templates, their values as text, and files of prompts."""

from nbstream.prompts.filled import FilledPrompt
from nbstream.prompts.prompt import Prompt
from nbstream.prompts.question import filled_prompt
from nbstream.prompts.template_strings import TemplateString

__all__ = ["FilledPrompt", "Prompt", "TemplateString", "filled_prompt"]
