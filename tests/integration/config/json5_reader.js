// Copyright: (c) clawops.openclaw maintainers
// GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// What the json5 package makes of texts: node json5_reader.js PACKAGE_DIRECTORY
// In: one text a line, as a JSON string. Out: one line each, {"error": "..."} or {"value": ...}, in which a number is
// {"n": eight bytes in hex} and an object {"o": [[key, value], ...]}, because JSON holds neither NaN nor __proto__.
const JSON5 = require(process.argv[2])
console.warn = () => {}

function told(value) {
    if (typeof value === 'number') {
        const bytes = Buffer.alloc(8)
        bytes.writeDoubleBE(value === 0 ? 0 : value)
        return {n: Number.isNaN(value) ? 'nan' : bytes.toString('hex')}
    }
    if (Array.isArray(value)) return value.map(told)
    if (value !== null && typeof value === 'object') return {o: Object.keys(value).sort().map(key => [key, told(value[key])])}
    return value
}

function answer(text) {
    try {
        return {value: told(JSON5.parse(text))}
    } catch (error) {
        return {error: error.message}
    }
}

require('readline').createInterface({input: process.stdin}).on('line', line => {
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n')
})
