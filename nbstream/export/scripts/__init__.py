"""The scripts that send a request again: one module for each kind."""

from nbstream.export.scripts.curl import curl_script
from nbstream.export.scripts.httpx import httpx_script
from nbstream.export.scripts.nbstream import nbstream_script
from nbstream.export.scripts.openai import openai_script
from nbstream.export.scripts.plan import Plan

__all__ = ["Plan", "curl_script", "httpx_script", "nbstream_script", "openai_script"]
