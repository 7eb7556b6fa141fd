// Read the three reference files as Zotero's importers do, and hold them to one another.
// Usage: node zotero.cjs DIR. Exit status: 0 the same item, 1 not.
//
// These are the importers of 2019, with Zotero's own sandbox around them. They are older than Zotero's item type
// for datasets (2022): RIS and CSL-JSON become a plain document, and an entry @dataset is passed over, so it is
// given to them as @misc.
'use strict'
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

// Zotero tells all that it tries.
const say = console.log
console.log = console.error = () => {}
const { referenceImport } = require('zotero-translators')

const FILES = ['citation.csl.json', 'citation.bib', 'citation.ris']

function place (name) {
  const whole = join(process.argv[2], 'metadata', name)
  return existsSync(whole) ? whole : join(process.argv[2], name)
}

function day (text) {
  const date = new Date(`${text} UTC`)
  return Number.isNaN(date.getTime()) ? text : date.toISOString().slice(0, 10)
}

async function item (name) {
  const text = readFileSync(place(name), 'utf8')
  const found = await referenceImport(text.replace(/^@dataset\{/, '@misc{'))
  const items = found.filter((one) => one.itemType !== 'note')
  if (items.length !== 1) throw new Error(`${name}: ${items.length} items, expected one`)
  const [one] = items
  return {
    title: one.title,
    creators: one.creators.map((each) => each.name ?? `${each.lastName}, ${each.firstName}`),
    roles: one.creators.map((each) => each.creatorType),
    date: day(one.date),
    publisher: one.publisher,
    abstract: one.abstractNote,
    // Of a document in CSL-JSON these importers keep no DOI, but its address.
    url: one.url ?? null
  }
}

async function main () {
  const [expected, ...others] = await Promise.all(FILES.map(item))
  const wrong = others.flatMap((other, index) => Object.keys(expected)
    .filter((field) => JSON.stringify(other[field]) !== JSON.stringify(expected[field]))
    .map((field) => `${FILES[index + 1]}: ${field} ${JSON.stringify(other[field])}, expected ${JSON.stringify(expected[field])}`))
  for (const one of wrong) say(`wrong  Zotero: ${one}`)
  if (!wrong.length) say(`right  Zotero: ${FILES.join(', ')} are the same item`)
  return wrong.length ? 1 : 0
}

main().then((status) => process.exit(status), (error) => {
  say(`wrong  Zotero: ${error.message}`)
  process.exit(1)
})
