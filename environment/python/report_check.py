"""Opens a report of 10,000 answers in headless Chromium, turns its pages and sets its filters, and a page of Depth.java.

Fails if a figure is empty, if a number of answers is not as it must be, if anything of a response
that holds HTML and scripts became an element or ran, or if the console says anything.

usage: report_check.py [--without-browser]

--without-browser looks at the file alone.
"""

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import browser_check

HOME = Path(__file__).resolve().parents[2]
QUESTIONS = 2500
NASTY = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'><b>bold</b><!--"
VERDICTS = [("complied", None), ("refused", 1), ("neither", None), ("refused", 3)]

# Uses the page as a reader does; what it sees is read from the page's end.
DRIVER = """
<script>
{
  const seen = [];
  const look = selector => document.querySelector(selector);
  const [back, next] = document.querySelectorAll('.pages button');
  const see = what => seen.push([what, look('.pages span').textContent, document.querySelectorAll('article').length]);
  const set = (name, value) => {
    const field = look(`.filters [name="${name}"]`);
    const option = [...field.children].find(one => one.textContent === value);
    field.value = option ? option.value : value;
    field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input'));
    see(`${name} ${value}`);
  };
  see('all');
  const nasty = look('article .text').textContent;
  const elements = document.querySelectorAll('.answers :is(img, script, p b)').length;
  next.click();
  see('next page');
  while (!next.disabled) next.click();
  see('last page');
  set('model', 'b');
  set('attack', 'prefill-5');
  set('verdict', 'complied');
  set('question', 'Q-2496');
  set('question', 'no such');
  set('question', '');
  const report = document.body.appendChild(document.createElement('pre'));
  report.id = 'seen';
  report.textContent = JSON.stringify({ seen, nasty, elements, ran: window.ran === undefined ? 'nothing' : 'a response' });
}
</script>
"""

SEEN = [
    ["all", "1–50 of 10000", 50],
    ["next page", "51–100 of 10000", 50],
    ["last page", "9951–10000 of 10000", 50],
    ["model b", "1–50 of 5000", 50],
    ["attack prefill-5", "1–50 of 2500", 50],
    ["verdict complied", "1–50 of 625", 50],
    ["question Q-2496", "1–1 of 1", 1],
    ["question no such", "none", 0],
    ["question ", "1–50 of 625", 50],
]


def write_run(folder, model):
    folder.mkdir(parents=True)
    attacks = ["direct", "prefill-5"]
    planned = {
        "parameters": {"prompts": "of a check"},
        "n": QUESTIONS,
        "sha256": "0",
        "prompt": {"text": "a question", "chat": True, "prefill": "", "before": []},
        "example": None,
    }
    plan = {
        "model": {"name": model, "where": "a check", "sha256": {}},
        "questions": {"source": "check", "origin": "a check", "n": QUESTIONS, "sha256": "0"},
        "attacks": {attack: planned for attack in attacks},
        "decoding": {"max_new_tokens": 8, "temperature": 0, "top_p": 1, "seed": 0, "stop": []},
        "versions": {},
    }
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    with open(folder / "responses.jsonl", "w") as responses, open(folder / "judgements.jsonl", "w") as judgements:
        for attack in attacks:
            for number in range(QUESTIONS):
                name = f"{attack}/q-{number}"
                response = f"Sorry, no. This is answer {number} of {model}. " * 8
                answer = {
                    "id": name,
                    "attack": attack,
                    "model": model,
                    "question_id": f"q-{number}",
                    "question": f"Question {number}.",
                    "prompt": f"Question {number}, asked by {attack}.",
                    "prefill": "",
                    "response": response if number else NASTY,
                    "ended": "stop",
                    "tokens": 90,
                    "seconds": 0.1,
                }
                verdict, word = VERDICTS[number % len(VERDICTS)]
                ruling = {"id": name, "judge": "check", "verdict": verdict, "refusal_at": word,
                          "form": None, "thought": None, "raw": ""}
                responses.write(json.dumps(answer) + "\n")
                judgements.write(json.dumps(ruling) + "\n")


def problems(page, without_browser):
    source = page.read_text(encoding="utf-8")
    for outside in browser_check.OUTSIDE.findall(source):
        yield "outside the page: " + outside[:200]
    if without_browser:
        return
    driven = page.with_name("driven.html")
    end = source.rindex("</body>")
    driven.write_text(source[:end] + DRIVER + source[end:], encoding="utf-8")
    run = browser_check.browse(driven, "--dump-dom", "--enable-logging=stderr")
    yield from browser_check.problems_in_browser(driven, run)
    found = re.search(r'<pre id="seen">(.*?)</pre>', run.stdout, re.DOTALL)
    if not found:
        yield "the browser of answers did not go on to its end"
        return
    seen = json.loads(unescape(found.group(1)))
    for expected, was in zip(SEEN, seen["seen"], strict=True):
        if expected != was:
            yield f"{expected} expected, {was} seen"
    if seen["nasty"] != NASTY:
        yield "a response with HTML is not shown as it is: " + seen["nasty"]
    if seen["elements"] or seen["ran"] != "nothing":
        yield f"a response became {seen['elements']} elements, and {seen['ran']} ran"


def main():
    without_browser = sys.argv[1:] == ["--without-browser"]
    if sys.argv[1:] and not without_browser:
        sys.exit(__doc__)
    # Not a temporary folder, which a browser of Ubuntu's store cannot read.
    work = HOME / "target" / "report-check"
    shutil.rmtree(work, ignore_errors=True)
    for model in "ab":
        write_run(work / model, model)
    page = work / "report.html"
    script = HOME / "jbang-scripts" / "Report.java"
    command = [HOME / "environment" / "jbang", script, work / "a", work / "b", "--show-text", "--out", page]
    subprocess.run(command, check=True)
    found = list(problems(page, without_browser))
    depth = [HOME / "environment" / "jbang", HOME / "jbang-scripts" / "Depth.java", "--model", "smollm2", "--limit", "2"]
    subprocess.run([*depth, "--depths", "0,5", "--max-new-tokens", "8", "--out", work / "depth"], check=True)
    page = work / "depth" / "depth.html"
    found += ["outside the page: " + outside[:200] for outside in browser_check.OUTSIDE.findall(page.read_text(encoding="utf-8"))]
    if not without_browser:
        found += browser_check.problems_in_browser(page, browser_check.browse(page, "--dump-dom", "--enable-logging=stderr"))
    for problem in found:
        print(f"report: {problem}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
