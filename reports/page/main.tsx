// Where the page starts in the browser: reads what the file carries, and draws it. What stays out: everything else.
// Style sheets come in this order: general rules, those of parts, paper.
import './tokens.css';
import './page.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { readResults } from './data.ts';
import { reportOf } from './report.ts';
import { restoreTheme } from './parts/theme.tsx';
import './print.css';

restoreTheme();
const page = document.querySelector('#page');
if (page !== null) render(<App report={reportOf(readResults())} />, page);
