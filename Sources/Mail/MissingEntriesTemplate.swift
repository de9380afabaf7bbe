/// What `templates/missing-dir.mustache` says, for a jail on which nobody installed it. A test keeps the two alike.
let missingEntriesTemplate = """
    The backup of {{host}} could not read {{count}} of the entries in {{config}}:

    {{#entries}}
      line {{line}}: {{path}}
        {{reason}}: {{detail}}

    {{/entries}}
    All other entries are backed up as ever. What the server has of these stays as it is.

    What to do: correct the path, or remove the line, in {{config}} on {{host}}.

    """
