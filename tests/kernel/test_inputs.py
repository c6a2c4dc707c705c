"""Images, files, cells and errors of a notebook in its prompts."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, Execution, Kernel
from tests.loopback import ByteServer, json_response
from tests.loopback.chunks import says

SECRET = "s3cr3t-of-the-environment"


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with Kernel({"MPLBACKEND": "Agg", "DATABASE_PASSWORD": SECRET}) as started:
        started.run("%load_ext nbstream")
        yield started


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("A line", " that falls.")) as running:
        yield running


def sent(server: ByteServer) -> Any:
    """The content of the last message that was sent."""
    return server.requests[-1].json["messages"][-1]["content"]


def value_of(cell: Execution) -> str:
    """The value of a cell as text."""
    return str(cell.of("execute_result")[-1]["data"]["text/plain"])


def test_a_figure_is_sent_and_its_thumbnail_is_saved(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.set_title('Loss [x](y) *per* epoch')"
    )
    cell = kernel.run(chat_cell(server, "--alone --image fig", "What is shown?"), cell="figure")
    assert cell.status == "ok", cell.traceback
    text, image = sent(server)
    assert text == {"type": "text", "text": "What is shown?"}
    head, _, data = image["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    (row,) = cell.saved[REPLY]["attachments"]
    assert row["name"] == "fig"
    assert row["alt"] == "Loss [x](y) *per* epoch"
    assert row["thumbnail"].startswith("data:image/")
    assert len(json.dumps(row)) < 20_000
    assert "Sent with the prompt: fig" in cell.saved["text/markdown"]
    opened = cell.of("comm_open")[-1]["data"]["state"]["snapshot"]
    assert opened["attachments"] == [row]


def test_a_large_array_is_resized_with_a_note(kernel: Kernel, server: ByteServer) -> None:
    kernel.run("import numpy as np\npixels = np.zeros((1000, 4096, 3), 'uint8')")
    cell = kernel.run(chat_cell(server, "--alone --image pixels"), cell="array")
    assert "2048x500 PNG" in cell.saved["text/markdown"]
    assert "resized from 4096x1000" in cell.saved["text/markdown"]


def test_a_url_is_sent_and_not_requested(kernel: Kernel, server: ByteServer) -> None:
    url = f"{server.base_url}/cat,1.png"
    cell = kernel.run(chat_cell(server, f"--alone --image {url}"))
    assert cell.status == "ok"
    assert sent(server)[1] == {"type": "image_url", "image_url": {"url": url}}
    assert not any("cat" in request.path for request in server.requests)


def test_files_and_variables_are_named_blocks(kernel: Kernel, server: ByteServer, tmp_path: Path) -> None:
    table = tmp_path / "sales, north.csv"
    table.write_text("city;sum\n" + "".join(f"c{n};{n}\n" for n in range(250)), "utf-8")
    kernel.run("import pandas as pd\nframe = pd.DataFrame({'a': range(3)})\nnotes = 'one ``` two'")
    options = f"--alone --file '{table}' --file frame,notes"
    cell = kernel.run(chat_cell(server, options, "Summarise."))
    assert cell.status == "ok", cell.traceback
    text = sent(server)
    assert text.startswith("File sales, north.csv (first 100 of 250 rows):\n```markdown\n| city | sum |\n")
    assert "| c99 | 99 |" in text
    assert "| c100 |" not in text
    assert "Variable frame (3 rows):" in text
    assert "Variable notes:\n````\none ``` two\n````" in text
    assert text.endswith("\n\nSummarise.")
    assert "sales, north.csv: first 100 of 250 rows" in cell.saved["text/markdown"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--image nothing", "--image nothing: there is no variable and no file"),
        ("--image number", "number is not an image but a int"),
        ("--image wide", "not pixels"),
        ("--file /", "/ is a folder"),
        ("--file missing.txt", "no variable and no file"),
        ("--file number", "a int has no text to send"),
        ("--with-cell 9999", r"no cell \[9999\] was run"),
        ("--with-cell 3-1", "not a cell number or a range"),
    ],
)
def test_what_cannot_be_sent_fails_before_the_request(
    kernel: Kernel, server: ByteServer, options: str, says: str
) -> None:
    kernel.run("import numpy as np\nnumber = 5\nwide = np.full((3, 3), 1000)")
    cell = kernel.run(chat_cell(server, f"--alone {options}"))
    assert cell.status == "error"
    assert re.search(says, " ".join(cell.traceback[0].split()))
    assert server.requests == []


def test_cells_are_sent_with_what_they_gave(kernel: Kernel, server: ByteServer) -> None:
    first = kernel.run("print('printed')\n6 * 7").reply["execution_count"]
    kernel.run("1 / 0")
    cell = kernel.run(chat_cell(server, f"--alone --with-cell {first}-{first + 1}", "Why?"))
    assert cell.status == "ok", cell.traceback
    text = sent(server)
    assert f"Cell {first}:" in text
    assert "print('printed')\n6 * 7\n" in text
    assert "printed\n42" in text
    assert "ZeroDivisionError: division by zero" in text
    assert f"cell {first + 1}" in cell.saved["text/markdown"]


def test_fix_sends_the_cell_and_the_frames_that_matter(kernel: Kernel, server: ByteServer) -> None:
    configured(kernel, server)
    kernel.run("import pandas as pd, os\ndef load(frame):\n    return frame['price']")
    failing = f"password = {SECRET!r}\nload(pd.DataFrame({{'cost': [1]}}))"
    assert kernel.run(failing).status == "error"
    seen = value_of(kernel.run("%chat fix --dry-run it's not clear to me"))
    assert "Nothing was sent" in seen
    assert server.requests == []
    cell = kernel.run("%chat fix it's not clear to me", cell="fix")
    assert cell.status == "ok", cell.traceback
    text = sent(server)
    assert text in seen
    assert text.endswith("\n\nit's not clear to me")
    assert "return frame['price']" in text
    assert "KeyError: 'price'" in text
    assert "more calls in pandas" in text
    assert "site-packages" not in text
    assert "\x1b" not in text
    assert SECRET not in text
    assert "[secret]" in text
    assert cell.saved["text/markdown"].startswith("A line that falls.")


def test_fix_knows_syntax_errors_and_causes(kernel: Kernel, server: ByteServer) -> None:
    configured(kernel, server)
    kernel.run("for x in range(3)\n    print(x)")
    kernel.run("%chat fix")
    assert "for x in range(3)\n    print(x)" in sent(server)
    assert "SyntaxError: expected ':'" in sent(server)
    kernel.run("try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('no a') from e")
    kernel.run("%chat fix")
    text = sent(server)
    assert text.index("KeyError: 'a'") < text.index("direct cause") < text.index("ValueError: no a")


def test_fix_does_not_ask_about_its_own_errors(kernel: Kernel, server: ByteServer) -> None:
    configured(kernel, server)
    kernel.run("%chat use")
    refused = kernel.run("%chat fix")
    assert "The last error is from nbstream (ArgumentError)" in " ".join(refused.traceback[0].split())
    assert "has no option -m" in kernel.run("%chat fix -m x").traceback[0]
    assert server.requests == []


def test_fix_without_an_error_says_so() -> None:
    with Kernel() as fresh:
        fresh.run("%load_ext nbstream")
        assert "No cell has failed" in fresh.run("%chat fix").traceback[0]


def test_a_model_that_the_server_lists_as_text_only_is_not_asked(kernel: Kernel) -> None:
    listing = {"data": [{"id": "m", "architecture": {"input_modalities": ["text"]}}]}
    with ByteServer(json_response(200, listing)) as server:
        kernel.run("image = b'GIF89a' + bytes(20)\nfrom PIL import Image\nimage = Image.new('RGB', (9, 9))")
        cell = kernel.run(chat_cell(server, "--alone --image image"))
        assert "m does not accept images" in cell.traceback[0]
        assert [request.path.rpartition("/")[2] for request in server.requests] == ["models"]


def test_the_models_are_listed_once(kernel: Kernel, server: ByteServer) -> None:
    for _ in range(2):
        kernel.run(chat_cell(server, "--alone --image image"))
    assert [request.path.rpartition("/")[2] for request in server.requests] == [
        "models",
        "completions",
        "completions",
    ]


def test_a_refusal_of_images_says_what_to_do(kernel: Kernel) -> None:
    refusal = {"error": {"message": "Invalid content type. image_url is only supported by certain models."}}
    with ByteServer(json_response(400, refusal)) as server:
        cell = kernel.run(chat_cell(server, "--alone --image image"))
    assert "may not accept images" in " ".join(cell.traceback[0].split())


def configured(kernel: Kernel, server: ByteServer) -> None:
    """Let the cells of a kernel ask this server."""
    kernel.run(f"%config NBStream.base_url = {server.base_url!r}")
    kernel.run("%config NBStream.model = 'm'")
