// What a part of the page could not do is said like what a whole page cannot; and the way back from a page of errors.

const LOST = "The server did not answer. What was typed is still here: try again in a moment."

function tell (words) {
  const toast = document.getElementById("toast-error").content.cloneNode(true)
  toast.querySelector(".toast-says").textContent = words
  document.getElementById("toasts").append(toast)
}

function wordsOf (text) {
  const page = new DOMParser().parseFromString(text, "text/html")
  const said = ["main h1", "main .lead"].map(place => page.querySelector(place)?.textContent.trim() ?? "")
  return said[0] ? said.join(" ") : "That did not work, and the server did not say why."
}

document.addEventListener("htmx:responseError", event => tell(wordsOf(event.detail.xhr.responseText)))
document.addEventListener("htmx:sendError", () => tell(LOST))
document.addEventListener("htmx:timeout", () => tell(LOST))

const back = document.querySelector("[data-back]")
if (back && history.length > 1) {
  back.hidden = false
  back.addEventListener("click", () => history.back())
}
