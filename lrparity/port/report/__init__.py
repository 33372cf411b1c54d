"""A comparison's result for people: in the terminal, as Markdown, as one HTML page.

- ``content``: what is said in all three, without their markup.
- ``text``, ``markdown``, ``html``: the three forms, each in the same order, the verdict first.
- ``figures``: the curves of the HTML page; they need matplotlib, an optional extra.
"""
