// Dialogs that arrive, toasts that go after ten seconds, keys for what is done, chips beside a typed line.

const SHOWN_FOR = 10000
const dialog = document.getElementById("dialog")
const toasts = document.getElementById("toasts")

function open () {
  if (!dialog.open) dialog.showModal()
  const first = dialog.querySelector(".is-invalid, [autofocus], input:not([type=hidden]), textarea, select")
  if (first) first.focus()
}

function leave (toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000, toast)
  else toast.remove()
}

function empty (form) {
  form.reset()
  form.querySelectorAll("select").forEach(select => { select.value = "" })
  form.querySelectorAll("[data-unmark]").forEach(box => { box.checked = false })
  const line = form.querySelector("[data-line]")
  line.value = ""
  line.dispatchEvent(new Event("input", { bubbles: true }))
}

function complete (button) {
  const line = button.closest("form").querySelector("[data-line]")
  const { complete: name, mark } = button.dataset
  const at = line.value.lastIndexOf(`@${mark}`)
  if (at >= 0) {
    const after = line.value.slice(at + 1 + mark.length)
    line.value = `${line.value.slice(0, at)}@${name}${after || " "}`
  }
  line.focus()
  line.dispatchEvent(new Event("input", { bubbles: true }))
}

document.addEventListener("htmx:afterSwap", event => {
  const target = event.detail.target
  // A form that comes back with its errors is in an open dialog; one that was saved has closed it.
  if (target === dialog || (dialog?.open && document.activeElement === document.body)) open()
  if (target.matches("[data-log]") && document.activeElement === document.body) {
    document.querySelector("[data-log] .is-invalid")?.focus()
  }
  if (target.matches(".marks") && document.activeElement === document.body) {
    target.closest("form").querySelector("[data-line]").focus()
  }
})

document.addEventListener("account-changed", event => {
  const from = event.target
  if (dialog && dialog.contains(from)) dialog.close()
  if (from.matches("[data-log]") && !dialog.contains(from)) empty(from)
  const undone = from.closest(".toast-line")
  if (undone) {
    // What comes next is put in place from here, so it stays in the document for that long.
    undone.hidden = true
    setTimeout(() => undone.remove(), 500)
  }
})

// A panel is not put in place anew while something in it waits for an answer: htmx looks for the places of what arrives from
// whatever asked, and would find none from something that is gone. The answer that is waited for brings the panel up to date.
let postponed = false

document.addEventListener("htmx:beforeSwap", event => {
  const asked = event.detail.requestConfig
  if (asked?.triggeringEvent?.type !== "account-changed") return
  if (![...event.detail.target.querySelectorAll(".htmx-request")].some(one => one !== asked.elt)) return
  event.detail.shouldSwap = false
  postponed = true
})
document.addEventListener("account-changed", () => { postponed = false })
document.addEventListener("htmx:afterRequest", event => {
  if (!postponed || event.detail.requestConfig?.triggeringEvent?.type === "account-changed") return
  document.body.dispatchEvent(new CustomEvent("account-changed", { bubbles: true, detail: {} }))
})

document.addEventListener("click", event => {
  if (event.target.closest("[data-dismiss]") || event.target === dialog) dialog.close()
  const offer = event.target.closest("[data-complete]")
  if (offer) complete(offer)
})

document.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-line], .ask textarea")) {
    event.target.closest("form").requestSubmit()
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (/^[1-5]$/.test(event.key) && !event.target.matches("textarea, input:not([type=radio])")) {
    const rating = event.target.closest("dialog")?.querySelector(`.five input[value="${event.key}"]`)
    if (rating) {
      rating.checked = true
      rating.focus()
    }
  }
  if (event.target.closest("input, textarea, select, dialog")) return
  const meant = [...document.querySelectorAll("[data-key]")].find(element => element.dataset.key === event.key)
  if (!meant) return
  event.preventDefault()
  if (meant.matches("input, textarea")) meant.focus()
  else meant.click()
})

if (dialog) dialog.addEventListener("close", () => dialog.replaceChildren())

if (toasts) {
  new MutationObserver(changes => {
    changes.flatMap(change => [...change.addedNodes]).filter(node => node.matches?.(".toast-line")).forEach(toast => {
      while (toasts.querySelectorAll(".toast-line").length > 3) toasts.querySelector(".toast-line").remove()
      setTimeout(leave, SHOWN_FOR, toast)
    })
  }).observe(toasts, { childList: true })
}
