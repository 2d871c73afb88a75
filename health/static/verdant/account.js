// What the menu of an account does in the browser alone: print the page, copy its address.

function say (words) {
  document.getElementById("said").textContent = words
}

const acts = {
  print: () => window.print(),
  copy: async button => {
    await navigator.clipboard.writeText(button.dataset.address)
    button.querySelector("[data-says]").textContent = "Link copied"
    say("Link copied")
  }
}

document.querySelectorAll("[data-act]").forEach(button => {
  // Without a secure origin a browser lends no clipboard.
  button.hidden = button.dataset.act === "copy" && !navigator.clipboard
  button.addEventListener("click", () => {
    acts[button.dataset.act](button)
    if (button.dataset.act === "print") button.closest("details").open = false
  })
})
