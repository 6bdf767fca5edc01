"""Replies kept for use again."""

TEXTS: dict[str, str | tuple[str, str]] = {
    "desk.replies": "Replies",
    "desk.replies_about": "Kept for use again. While you write to a client, / opens the list.",
    "desk.replies_all": "All replies",
    "desk.replies_none": "There are no replies yet.",
    "desk.replies_found": "Replies found: {number}",
    "desk.reply_new": "New reply",
    "desk.reply_edit": "Change a reply",
    "desk.reply_shortcut": "Shortcut",
    "desk.reply_shortcut_hint": "One word. After a slash it brings the reply.",
    "desk.reply_placeholders": "{client}, {agent} and {shop} are replaced by the names of the client, the agent who is writing and the shop. If a name isn't known, the sentence reads on without it. Don't attach endings to them.",
    "desk.reply_any_form": "For every form of address",
    "desk.reply_forms": "A text of its own for a form of address",
    "desk.reply_other_languages": "More languages",
    "desk.reply_save": "Save",
    "desk.reply_archive": "Take out of use",
    "desk.form_formal": "Formal",
    "desk.form_polite": "Polite",
    "desk.form_friendly": "Friendly",
    "desk.form_informal": "Informal",
}
