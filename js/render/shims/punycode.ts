/** Stands in for punycode.js: host names are brought to ASCII by the URL parser of the browser (urls.ts). */
export default {};
