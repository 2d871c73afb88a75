// Shows the OpenAPI document, and lets operations be tried out with a token.

const root = document.documentElement

// The package calls the dark theme by a class of its own.
function wear () {
  root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark")
}

root.addEventListener("themechange", wear)
wear()

const docs = document.getElementById("docs")

SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  deepLinking: true,
  validatorUrl: null
})
