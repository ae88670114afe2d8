// Pages of people: what is chosen in the navigation stays in sight on a narrow screen.
document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
