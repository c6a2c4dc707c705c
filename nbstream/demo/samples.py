"""Sample content of answers: code, formulas, JSON, and everything together.

If a name holds several texts, `nbstream.demo.script` picks one by the request.
"""

from __future__ import annotations

CODES = (
    '''\
A generator gives its values one at a time, which is all that streaming is:

```python
from collections.abc import Iterator


def fibonacci(limit: int) -> Iterator[int]:
    """The Fibonacci numbers up to and including `limit`."""
    a, b = 0, 1
    while a <= limit:
        yield a
        a, b = b, a + b


print(*fibonacci(100))
```

- `yield` hands a value over and waits there until the next one is requested.
- Nothing is stored: the loop needs two numbers, however far you go.

It prints `0 1 1 2 3 5 8 13 21 34 55 89`.''',
    '''\
Count the words of a text, the most frequent first:

```python
import re
from collections import Counter


def frequent_words(text: str, n: int = 3) -> list[tuple[str, int]]:
    """The `n` most frequent words of `text`, each with its count."""
    return Counter(re.findall(r"\\w+", text.lower())).most_common(n)


print(frequent_words("the cat and the hat and the bat"))
```

- `re.findall` takes out the words, so that punctuation does not count.
- `Counter.most_common` sorts by count; equal counts keep the order of the text.

It prints `[('the', 3), ('and', 2), ('cat', 1)]`.''',
    """\
Wait for several things at once, and take each as soon as it is there:

```python
import asyncio


async def answer(name: str, seconds: float) -> str:
    await asyncio.sleep(seconds)
    return name


async def main() -> None:
    jobs = [answer("slow", 0.3), answer("fast", 0.1)]
    for first in asyncio.as_completed(jobs):
        print(await first)


asyncio.run(main())
```

- `asyncio.as_completed` yields in the order in which the jobs end, not in that of the list.
- In a notebook a loop runs already: write `await main()` in place of the last line.

It prints `fast`, then `slow`.""",
)

MATHS = (
    r"""A model picks its next token by the *softmax* of its scores $z_1, \dots, z_n$ at a temperature $T$:

$$
p_i = \frac{e^{z_i / T}}{\sum_{j=1}^{n} e^{z_j / T}}
$$

For $T \to 0$ the largest score takes it all; for $T \to \infty$ every token gets $p_i = \frac{1}{n}$.

How unsure that leaves the model is the entropy, in bits:

$$
H = -\sum_{i=1}^{n} p_i \log_2 p_i , \qquad 0 \le H \le \log_2 n
$$""",
    r"""Three formulas worth knowing by heart:

1. The roots of $ax^2 + bx + c = 0$ with $a \ne 0$ are

   $$
   x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
   $$

2. The area under the bell curve is

   $$
   \int_{-\infty}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}
   $$

3. And five constants meet in $e^{i\pi} + 1 = 0$.""",
)

JSONS = (
    """\
```json
{
  "title": "Notebook in a bottle",
  "published": true,
  "pages": 128,
  "tags": ["jupyter", "streaming", "demo"],
  "rating": {"average": 4.5, "votes": 12},
  "sequel": null
}
```

Six fields: a string, a boolean, a number, an array, an object and a null.""",
    """\
```json
[
  {"city": "Lima", "country": "Peru", "capital": true},
  {"city": "Porto", "country": "Portugal", "capital": false},
  {"city": "Nairobi", "country": "Kenya", "capital": true}
]
```

Three objects with the same fields: what `pandas.DataFrame` takes as it is.""",
)

EVERYTHING = r"""# Everything at once

A paragraph with **bold**, *italic*, ***both***, ~~struck out~~ and `inline code`, and a link to
the [Jupyter documentation](https://docs.jupyter.org).

## Lists

1. First
2. Second
   - nested, with *emphasis*
   - nested, with `code`
     - and once more
3. Third

- [x] stream the answer
- [ ] read the answer

## A table

| Token   | Count | Share |
|:--------|------:|:-----:|
| `the`   |    42 | 21 %  |
| `a`     |    31 | 15 %  |
| `token` |     7 |  3 %  |

## Code

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"


print(greet("notebook"))
```

```javascript
const greet = (name) => `Hello, ${name}!`;
console.log(greet("browser"));
```

## A quote

> The first small token is the seed.
>
> > And quotes can stand in quotes.

## Math

Inline $E = mc^2$, and on its own line:

$$
\sum_{k=1}^{n} k = \frac{n(n+1)}{2}
$$

---

Other scripts: Grüße, 你好, مرحبا, नमस्ते, and a few emoji: 🌍 👩‍💻 ✨"""
