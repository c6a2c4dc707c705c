"""Texts of the demo: about itself, poems, tables, lists, and reasoning.

If a name holds several texts, `nbstream.demo.script` picks one by the request.
"""

from __future__ import annotations

BANNER = "*Demo answer: scripted text, no language model.*"
TOOL_SAID = "{banner}\n\nThe tool answered: {result}"

CONNECT = """\
To talk to a real model:

- **A local one:** start [Ollama](https://ollama.com) and use `%%chat -m ollama:llama3.2`.
- **OpenAI:** set the environment variable `OPENAI_API_KEY` before the kernel starts.
- **Any compatible server:** `%%chat --base-url http://localhost:8000/v1 -m its-model`."""

DEFAULT = (
    """\
You wrote {question}. I am the demo that comes with nbstream: I cannot answer that, but what you \
see is real. The request was built, sent and streamed back to this cell just as it is with a \
language model.

Ask me for a **poem**, a **table**, some **code**, a **list**, some **math**, some **JSON**, a \
**long** answer or **everything** at once; begin with `echo:` and I repeat what follows.

{connect}""",
    """\
Thank you for {question}. A language model would answer it now; I am a script, so all I can do is \
to stream these words to you, one token after another, as a model would.

There is more to see: ask for a **poem**, a **table**, **code**, a **list**, **math**, **JSON**, \
something **long** or **everything**, or write `echo:` before a text that you want back.

{connect}""",
)

POEMS = (
    """\
### The Cell That Would Not Wait

I wrote a line, I pressed the key,
the kernel sent a thought to me;
not all at once, but word by word,
like evening rain, half seen, half heard.

A bracket opened, like a door,
a loop went round, and round once more,
and what I meant and what I wrote
fell into step, note after note.

So let it stream, and let me read;
the first small token is the seed.
And should it stray from what I need,
I press on *Stop*, and am agreed.""",
    """\
### Ode to a Semicolon I Forgot

I searched the stack from end to start,
I took the module all apart,
I blamed the cache, I blamed the sea,
I blamed the clock. The fault was me.

For somewhere, on line eighty-two,
a little mark was overdue;
I put it in, and all was green,
the finest tests I've ever seen.

O humble point, O patient tail,
without you all our builds would fail;
in Python, though, I must confess,
I love you more, and need you less.""",
)

HAIKU = """\
### Three Haiku for a Notebook

Cell after quiet cell,
the cursor blinks in the dark:
something will be run.

Out of order now,
forty-one comes before two.
Restart. Run it all.

One token, then two;
the answer grows like morning
over the last line."""

TABLES = (
    """\
Five programming languages, and when they came:

| Language   | First seen | Typing  | Known for               |
|:-----------|-----------:|:--------|:------------------------|
| C          |       1972 | static  | being under everything  |
| Python     |       1991 | dynamic | notebooks and science   |
| JavaScript |       1995 | dynamic | every page you open     |
| Julia      |       2012 | dynamic | fast numerical code     |
| Rust       |       2015 | static  | memory safety, no GC    |

The years are those of the first public version; for C it is the year in which it was made, and \
for Rust that of version 1.0.""",
    """\
The inner planets in numbers:

| Planet  | Diameter (km) | Year (days) | Moons |
|:--------|--------------:|------------:|------:|
| Mercury |         4,879 |        88.0 |     0 |
| Venus   |        12,104 |       224.7 |     0 |
| Earth   |        12,756 |       365.2 |     1 |
| Mars    |         6,792 |       687.0 |     2 |

Numbers stand to the right, names to the left: that is the `--:` and the `:--` in the second row \
of a Markdown table.""",
)

LISTS = (
    """\
Before you share a notebook:

1. **Restart the kernel and run all cells.** What depends on a cell that is gone will show.
2. **Say what it is for** in the first cell:
   - the question,
   - the data and where it came from,
   - how long a run takes.
3. **Pin what matters.** Versions and random seeds, at the least.
4. **Take the secrets out.** Keys belong in the environment, never in a cell.
5. **Read it once as a stranger.** Then share it.""",
    """\
Things that make a prompt better:

- Say **who reads** the answer, and what they know already.
- Give **one example** of what you want:
  - the input,
  - the output, exactly as it should look.
- Ask for **one thing** at a time.
- Say **what to do** when the answer is not known.
- Then **measure**: try it on ten inputs, not on one.""",
)

REASONING = (
    """\
The prompt is {question}. I am a demo, so there is nothing to work out: I look for a word that my \
script knows. {found}""",
    """\
Let me see what {question} asks for. No language model is at work here, only a list of words and \
texts. {found}""",
)

FOUND = """\
I find one for “{topic}”, so I pick one of the texts that I have for it. With the same prompt and the \
same seed I shall pick the same text again."""

NOT_FOUND = "I find none that I know, so I shall say who I am and what I can do."

BROKEN_ON_PURPOSE = """\
You asked for the fault `{trigger}`, so that you can see what happens when a model server fails. \
This answer starts as any other does, with text that arrives piece by piece, and halfway through \
{what} Whatever arrived before that is kept, and the cell says what happened. Take the trigger out of \
the prompt and the next answer is a good one."""

BREAKS = {
    "error-stream": "the server reports an error in place of the next piece.",
    "cut": "the connection breaks.",
    "malformed": "one of the events is not valid JSON; after it the stream goes on.",
    "stall": "the server falls silent and never says another word.",
}

DELAYED = {
    "error-429": """\
You asked for the fault `{trigger}`. The first attempt was refused with *Too Many Requests* and the \
wish to come back in a second; this is the answer to the second attempt.""",
    "slow": """\
You asked for `{trigger}`, so this answer took two seconds to begin and has five tokens in each \
second. Time enough to look at the waiting time, to read along, and to press *Stop*.""",
}
