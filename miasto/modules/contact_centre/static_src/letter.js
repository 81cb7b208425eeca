// A letter: the address that is chosen from the suggestions gives the form its point; typing again takes it away.
for (const form of document.querySelectorAll("form[data-place]")) {
  const [lon, lat] = ["lon", "lat"].map((name) => form.querySelector(`input[name="${name}"]`));
  form.addEventListener("combo-chosen", (event) => {
    lon.value = event.detail.lon ?? "";
    lat.value = event.detail.lat ?? "";
  });
  form.querySelector('input[name="place"]')?.addEventListener("input", () => {
    lon.value = "";
    lat.value = "";
  });
}
