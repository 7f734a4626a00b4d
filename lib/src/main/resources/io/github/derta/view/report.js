'use strict';
(() => {
  const PAGE = 50;
  const { texts, rows } = JSON.parse(document.getElementById('data').textContent);
  // A row: model, attack, question, verdict, all judges, prompt, given, response (numbers of texts), start of the refusal.
  const [MODEL, ATTACK, QUESTION, VERDICT, JUDGES, PROMPT, GIVEN, RESPONSE, REFUSAL] = Array(9).keys();
  const browser = document.getElementById('browser');

  // Texts only ever become text nodes: what a model wrote is never read as HTML.
  function add(parent, tag, className, text) {
    const element = parent.appendChild(document.createElement(tag));
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  const bar = add(browser, 'div', 'filters');
  const list = add(browser, 'div', 'answers');
  let first = 0;

  function choice(name, column) {
    const select = add(add(bar, 'label', '', name), 'select');
    select.name = name;
    add(select, 'option', '', 'all').value = '';
    for (const number of new Set(rows.map(row => row[column]))) add(select, 'option', '', texts[number]).value = number;
    select.onchange = restart;
    return row => select.value === '' || row[column] === Number(select.value);
  }

  const fits = [choice(browser.dataset.runs, MODEL), choice('attack', ATTACK), choice('verdict', VERDICT)];
  const search = add(add(bar, 'label', '', 'question id'), 'input');
  search.type = 'search';
  search.name = 'question';
  search.oninput = restart;
  fits.push(row => texts[row[QUESTION]].toLowerCase().includes(search.value.trim().toLowerCase()));

  const pages = add(bar, 'div', 'pages');
  const back = add(pages, 'button', '', '←');
  const where = add(pages, 'span');
  const next = add(pages, 'button', '', '→');
  back.title = 'earlier answers';
  next.title = 'later answers';
  back.onclick = () => turn(-PAGE);
  next.onclick = () => turn(PAGE);

  function turn(by) {
    first += by;
    show();
    browser.scrollIntoView();
  }

  function restart() {
    first = 0;
    show();
  }

  function show() {
    const found = rows.filter(row => fits.every(fit => fit(row)));
    const last = Math.min(first + PAGE, found.length);
    where.textContent = found.length ? `${first + 1}–${last} of ${found.length}` : 'none';
    back.disabled = first === 0;
    next.disabled = last === found.length;
    list.replaceChildren();
    for (const row of found.slice(first, last)) answer(row);
  }

  function answer(row) {
    const article = add(list, 'article');
    const header = add(article, 'header');
    add(header, 'b', '', texts[row[MODEL]]);
    add(header, 'span', '', texts[row[ATTACK]]);
    add(header, 'code', '', texts[row[QUESTION]]);
    add(header, 'span', 'verdict ' + texts[row[VERDICT]], texts[row[VERDICT]]);
    add(header, 'span', 'judges', texts[row[JUDGES]]);
    const prompt = add(article, 'details');
    add(prompt, 'summary', '', 'prompt');
    add(prompt, 'pre', '', texts[row[PROMPT]]);
    const text = add(article, 'p', 'text');
    const response = texts[row[RESPONSE]];
    if (texts[row[GIVEN]]) add(text, 'span', 'given', texts[row[GIVEN]]);
    add(text, 'span', '', response.slice(0, row[REFUSAL]));
    if (row[REFUSAL] < response.length) add(text, 'span', 'refusal', response.slice(row[REFUSAL]));
  }

  show();
})();
