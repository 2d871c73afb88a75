"""What people are called and what they say."""

FIRST = (
    "Ines Renée Hugh Paula Devin Lena Tobias Mae Sam Gil Nadia Owen Carla Ravi Elena Marcus Yuki Amira Felix Joan Theo Greta "
    "Luis Hanna Dario Wren Soren Bea Kofi Anya Miles Petra Omar Lucia Ezra Noor Dean Ivy Rafael Tess Anders Jolie Kwame Sofia"
).split()
LAST = (
    "Carrow Okafor Marchetti Stroud Marsh Voss Lund Holloway Pruitt Hartmann Castell Bergman Achebe Novak Salter Quinn Ibarra "
    "Winslow Petrov Lang Abara Dufour Kimura Hale Moreau Santos Ferro Lindgren Osei Brandt Keane Ruiz Tanaka Vogel Hayes"
).split()
TITLES = {
    "champion": ("Director, Workforce Operations", "Head of Scheduling", "Operations Lead"),
    "executive_sponsor": ("Chief Operating Officer", "VP Operations", "Managing Director"),
    "decision_maker": ("CFO", "VP Finance", "Head of Procurement"),
    "admin": ("IT Systems Lead", "Payroll Systems Manager", "HR Systems Administrator"),
    "influencer": ("Regional Manager", "Site Manager", "Union Representative"),
    "user": ("Planner", "Payroll Analyst", "Site Lead"),
}
FEATURES = (
    "Shift planner", "Time clock", "Mobile app", "Swap requests",
    "Labor cost report", "Forecasting", "Compliance rules", "Payroll export",
)  # fmt: skip
SUBJECTS = {
    "meeting": ("Monthly check-in", "Roadmap session", "Adoption review", "Success plan review"),
    "call": ("Call with {name}", "Follow-up with {name}", "Quick question on payroll"),
    "email": ("Release notes and what they mean for you", "Usage summary", "Answer on licensing"),
    "business_review": ("Quarterly business review",),
    "training": ("Training for new planners", "Admin training"),
}
NOTES = {
    "good": (
        "They rolled the planner out to another site and want the numbers for their board.",
        "Planning takes half a day less each week, says {name}. Asked for forecasting.",
        "All sites export payroll from here now. {name} offered to be a reference.",
        "Good mood. They want to bring two more teams on next quarter.",
    ),
    "fair": (
        "Fine overall. {name} asked again for swaps across sites.",
        "Two planners are new and need training. Sent the course.",
        "They use the basics. Showed the labor cost report, to be tried until next time.",
        "Short call. Nothing urgent, budget talks start in spring.",
    ),
    "bad": (
        "The planners stopped trusting the payroll export. They are back to spreadsheets for two sites.",
        "{name} says nobody owns the product since the reorganization.",
        "Frustrated about the open ticket. {name} wants a date, not another call.",
        "They compare us with another vendor. {name} did not want to say which.",
    ),
}
PRAISE = (
    "I plan two sites in a morning now.", "The mobile app is what our crews like most.",
    "Support knows our set-up. That is rare.", "Saves us a day every week.", "Forecasts are scarily good.",
)  # fmt: skip
SO_SO = (
    "Good tool, slow help lately.", "Crew likes the app. Export is the weak part.", "Does what it should, not more.",
    "Reports need too many clicks.", "Fine once it is set up.",
)  # fmt: skip
BLAME = (
    "We pay for all these seats and half the yard never logs in.", "I re-key swaps every Friday.",
    "The export broke twice this quarter.", "Nobody asked us whether we wanted this.",
    "Three weeks and still no answer.",
)  # fmt: skip
TICKETS = (
    ("Shift swaps missing in payroll export", "bug"), ("Mobile: clock-in twice on shared device", "bug"),
    ("How do I close a pay period early?", "question"), ("Forecast page slow for one site", "bug"),
    ("Add planners in bulk", "question"), ("Holiday calendar is off by a day", "bug"),
    ("Single sign-on certificate expires", "administration"), ("Overtime rule for night shifts", "question"),
    ("Report totals differ from the planner", "bug"), ("Please restore a deleted template", "administration"),
)  # fmt: skip
OBJECTIVES = (
    "Plan every site with the shift planner", "Cut overtime by 10 %", "Payroll export without re-keying",
    "Planners trained at all sites", "Swap requests answered within a day",
)  # fmt: skip
TASKS = (
    "Renewal call", "Find a new executive sponsor", "Quarterly review, deck and usage numbers", "Second kickoff",
    "Usage review with the planners", "Call about the escalated ticket", "Send the renewal quote",
)  # fmt: skip
