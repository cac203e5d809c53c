// Style sheets are imported for their effect: the bundler (html/bundle.ts) puts them into the page.
declare module '*.css';
