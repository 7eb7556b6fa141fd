// Read the three reference files as citation.js does, and hold them to one another.
// Usage: node read.mjs DIR. Exit status: 0 the same item, 1 not.
import { Cite } from '@citation-js/core'
import '@citation-js/plugin-bibtex'
import '@citation-js/plugin-csl'
import '@citation-js/plugin-ris'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FIELDS = ['type', 'title', 'version', 'issued', 'publisher', 'DOI', 'URL', 'abstract']
const FILES = ['citation.csl.json', 'citation.bib', 'citation.ris']

const place = (name) => {
  const whole = join(process.argv[2], 'metadata', name)
  return existsSync(whole) ? whole : join(process.argv[2], name)
}
const name = (one) => one.literal ?? [one.family, one.given].filter(Boolean).join(', ')
const keywords = (text) => text.split(',').map((word) => word.trim())

function item (file) {
  const { data } = new Cite(readFileSync(place(file), 'utf8'), { generateGraph: false })
  if (data.length !== 1) throw new Error(`${file}: ${data.length} items, expected one`)
  const [one] = data
  const fields = Object.fromEntries(FIELDS.map((field) => [field, one[field] ?? null]))
  return { ...fields, author: one.author.map(name), keyword: keywords(one.keyword) }
}

const [expected, ...others] = FILES.map(item)
for (const [index, other] of others.entries()) {
  for (const field of Object.keys(expected)) {
    const [found, wanted] = [JSON.stringify(other[field]), JSON.stringify(expected[field])]
    if (found === wanted) continue
    console.log(`wrong  ${FILES[index + 1]}: ${field} ${found}, expected ${wanted}`)
    process.exitCode = 1
  }
}
if (!process.exitCode) console.log(`right  citation.js: ${FILES.join(', ')} are the same item`)
