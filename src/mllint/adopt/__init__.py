"""What a project needs to adopt mllint, as changes of its files.

Each module proposes one: settings, the hook, the CI job. They see the files of a tree and what is
known of the project; they write nothing, and ask nobody.
"""
