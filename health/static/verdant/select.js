// Selecting rows of the list of accounts: by click, by shift-click from the last one, by X; what is selected, in words.

const picks = () => [...document.querySelectorAll(".accounts .pick")]
const bar = () => document.getElementById("bulk")
const whole = () => document.querySelector("[data-all]")
let last = null // where a range begins

const number = value => Math.round(value).toLocaleString("en-US")
const accounts = count => `${number(count)} account${count === 1 ? "" : "s"}`

function words (chosen) {
  if (whole()?.checked) return [accounts(Number(whole().dataset.all)), whole().dataset.worth]
  const sum = chosen.reduce((total, pick) => total + Number(pick.dataset.arr ?? 0), 0)
  const unrated = chosen.filter(pick => "unrated" in pick.dataset).length
  const said = []
  if (sum) said.push(`${bar().querySelector("[data-sign]").dataset.sign}${number(sum)} ARR`)
  if (unrated) said.push(`${unrated} without a rate`)
  const paged = "paged" in bar().querySelector("[data-sign]").dataset
  return [`${accounts(chosen.length)}${paged ? " of this page" : ""}`, said.join(", ")]
}

function tell () {
  const list = picks()
  if (!bar()) return
  const chosen = list.filter(pick => pick.checked)
  const count = chosen.length
  const page = document.querySelector("[data-pick-page]")
  page.checked = count > 0 && count === list.length
  page.indeterminate = count > 0 && count < list.length
  bar().classList.toggle("bulk-full", page.checked && Number(whole()?.dataset.all) > list.length)
  const [said, worth] = words(chosen)
  bar().querySelector("[data-count]").textContent = said
  bar().querySelector("[data-arr]").textContent = worth
  document.getElementById("selected").textContent = count ? `${said} selected${worth ? `, ${worth}` : ""}` : ""
}

function set (list, checked) {
  list.forEach(pick => { pick.checked = checked })
  if (!checked && whole()) whole().checked = false
  tell()
}

function pick (box, checked, ranging) {
  const list = picks()
  const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((one, other) => one - other)
  set(ranging && from >= 0 ? list.slice(from, to + 1) : [box], checked)
  last = box
}

function clear () {
  const within = bar().contains(document.activeElement)
  set(picks(), false)
  if (within) (last ?? picks()[0]).focus()
}

document.addEventListener("click", event => {
  const box = event.target.closest(".pick")
  if (box) pick(box, box.checked, event.shiftKey)
  if (event.target.closest("[data-pick-page]")) set(picks(), event.target.checked)
  if (event.target === whole()) set(picks(), event.target.checked)
})

document.addEventListener("reset", event => {
  if (event.target !== bar()) return
  event.preventDefault()
  clear()
})

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || !bar()) return
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return
  const open = document.querySelector("dialog[open], details.menu[open], :popover-open, .found-float:not(:empty)")
  if (event.key === "Escape" && !open) clear()
  const box = event.target.closest(".opens")?.querySelector(".pick")
  if (event.key === "Enter" && event.target === box) {
    event.preventDefault() // a browser would press the first button of the bar
    box.closest(".opens").querySelector(".name").click()
  }
  if (event.key.toLowerCase() === "x" && box) pick(box, !box.checked || event.shiftKey, event.shiftKey)
}, true)

document.addEventListener("htmx:afterSettle", event => {
  if (event.target.id !== "accounts") return
  // The rows are there anew. Whoever works by keyboard goes on from the one selected last.
  last = last && picks().find(box => box.value === last.value)
  if (last && document.activeElement === document.body) last.closest(".opens").querySelector(".name").focus()
  tell()
})

tell()
