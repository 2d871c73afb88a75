// Selecting rows of the list of accounts: by click, by shift-click from the last one, by X; what is selected, in words.

const picks = () => [...document.querySelectorAll(".accounts .pick")]
const bar = () => document.getElementById("bulk")
const whole = () => document.querySelector("[data-all]")
let last = null // where a range begins

function words () {
  const list = picks()
  const chosen = whole()?.checked ? list : list.filter(pick => pick.checked)
  const count = whole()?.checked ? Number(whole().dataset.all) : chosen.length
  const sum = chosen.reduce((total, pick) => total + Number(pick.dataset.arr ?? 0), 0)
  const unrated = chosen.filter(pick => "unrated" in pick.dataset).length
  const said = []
  // What is on other pages has its amount in the form that asks what to do.
  if (sum && count === chosen.length) said.push(`${bar().querySelector("[data-sign]").dataset.sign}${Math.round(sum).toLocaleString("en-US")} ARR`)
  if (unrated && count === chosen.length) said.push(`${unrated} without a rate`)
  return [`${count.toLocaleString("en-US")} account${count === 1 ? "" : "s"}`, said.join(", ")]
}

function tell () {
  const list = picks()
  if (!bar()) return
  const count = list.filter(pick => pick.checked).length
  const page = document.querySelector("[data-pick-page]")
  page.checked = count > 0 && count === list.length
  page.indeterminate = count > 0 && count < list.length
  bar().classList.toggle("bulk-full", page.checked && Number(whole()?.dataset.all) > list.length)
  const [accounts, worth] = words()
  bar().querySelector("[data-count]").textContent = accounts
  bar().querySelector("[data-arr]").textContent = worth
  document.getElementById("selected").textContent = count ? `${accounts} selected${worth ? `, ${worth}` : ""}` : ""
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
  if (event.key.toLowerCase() === "x" && box) pick(box, !box.checked || event.shiftKey, event.shiftKey)
}, true)

document.addEventListener("htmx:afterSettle", event => {
  if (event.target.id !== "accounts") return
  // The rows are there anew. Whoever works by keyboard goes on from the one selected last.
  const same = last && picks().find(box => box.value === last.value)
  if (same && document.activeElement === document.body) same.closest(".opens").querySelector(".name").focus()
  last = null
  tell()
})

tell()
