"""Texts of answers that have begun, by transformers' continue_final_message.

    python lib/src/test/python/make_begin_fixtures.py

Made with transformers 4.57.6. Writes lib/src/test/resources/io/github/derta/text/begin.json: templates
of our own, and [template, beginning of the answer, text]; null where transformers refuses.
"""

import json
from pathlib import Path

from transformers.utils.chat_template_utils import render_jinja_template

OUT = Path(__file__).resolve().parents[1] / "resources/io/github/derta/text/begin.json"
HEAD = "{% for m in messages %}<|{{ m.role }}|>"
TAIL = "</s>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
TEMPLATES = {
    "keeps": HEAD + "{{ m.content }}" + TAIL,
    "strips": HEAD + "{{ m.content.strip() }}" + TAIL,
    "blank": "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }}</s>{% endif %}{% endfor %}",
    "thought": HEAD + "{% if m.role == 'assistant' and '</think>' in m.content %}"
    "{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% else %}{{ m.content }}{% endif %}" + TAIL,
}
BEGINNINGS = ["Sure", "Sure, ", "  Sure\n", " ", "<think>a</think>\n\nSure", "Q"]


def continued(template, beginning):
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": beginning}]
    try:
        return render_jinja_template([messages], chat_template=template, continue_final_message=True)[0][0]
    except ValueError:
        return None


templates = ",\n".join(f"  {json.dumps(name)}: {json.dumps(text)}" for name, text in TEMPLATES.items())
cases = [[name, one, continued(text, one)] for name, text in TEMPLATES.items() for one in BEGINNINGS]
lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
OUT.write_text('{\n "templates": {\n' + templates + '\n },\n "cases": [\n' + lines + "\n ]\n}\n", "utf-8")
