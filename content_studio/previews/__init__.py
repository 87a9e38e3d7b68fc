"""How a post will look on each network, in Wagtail's preview panel.

The look is our own drawing of each network's layout: our markup, our icons,
no network's assets. What is shown is the message that would be sent.
"""
