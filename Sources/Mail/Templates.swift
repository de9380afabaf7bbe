// What the files in `templates` say, for a machine on which nobody installed them. A test keeps them alike.

let missingEntriesTemplate = """
    The backup of {{host}} could not read {{count}} of the entries in {{config}}:

    {{#entries}}
      line {{line}}: {{path}}
        {{reason}}: {{detail}}

    {{/entries}}
    The other entries are not affected. What the server has of these stays as it is.

    What to do: correct the path, or remove the line, in {{config}} on {{host}}.

    """

let brakeTemplate = """
    The nights of {{jail}} on {{host}} have stopped moving: what its last push
    left looks like a loss. Night 1 is generation {{good}}, night 0 is generation {{pushed}}.

    {{#entries}}
      {{path}}
    {{#reasons}}
        {{.}}
    {{/reasons}}
        files: {{filesBefore}} before, {{filesNow}} now; {{altered}} of those before are gone or changed
        bytes: {{bytesBefore}} before, {{bytesNow}} now

    {{/entries}}
    {{#more}}
      and {{more}} entries more

    {{/more}}
    The good nights stay as they are until somebody decides. Pushes go on meanwhile.

    If all this is meant, let the nights move again:

      nightjar-server housekeep --accept {{jail}}

    If it is not, make night 1 the state of night 0 again:

      nightjar-server revert {{jail}}

    What differs is listed by: nightjar-server diff {{jail}} 1 0

    """

let staleTemplate = """
    {{jail}} on {{host}} {{#isBack}}pushes again{{/isBack}}{{^isBack}}has not pushed for over {{limit}}{{/isBack}}.
    Its last good push was committed {{pushed}}.
    {{^isBack}}

    {{#failure}}
    Its last attempt failed: {{failure}}

    {{/failure}}
    Its nights stay as they are. This is told once; there is another mail when it is back.

    What to do: look at what cron mailed on the jail, and at what "nightjar check"
    says there. Its attempts are listed by:

      nightjar-server nights --pushes {{jail}}
    {{/isBack}}

    """

let restoreReadyTemplate = """
    What was asked for of {{jail}} is ready: {{what}}
    as it was when it was pushed, {{pushed}}.

      {{path}}{{^path}}standard output{{/path}}
    {{#inside}}
      on your own system: {{inside}}
    {{/inside}}
      {{size}} bytes, {{members}} files and directories
      SHA-256 {{sha256}}

    {{#damaged}}
    Not all of it is sound: {{damaged}} of the files were damaged on the backup server, and
    are incomplete or missing in the archive.

    {{/damaged}}
    {{#quoted}}
    Nothing was unpacked, and nothing of what is there was touched. Unpack it into a new
    directory, so that nothing is overwritten, and take from there what is wanted{{#inside}};
    as root on your own system{{/inside}}:

      directory=$(mktemp -d "${TMPDIR:-/var/tmp}/restored.XXXXXX")
      tar {{flags}} {{quoted}} --numeric-owner --xattrs --acls -C "$directory"

    Whether it arrived whole says: sha256sum {{quoted}}
    {{/quoted}}
    {{#held}}

    The backup of that night is kept until {{held}}, should more of it be wanted.
    {{/held}}

    """
