# fish: completes the program that this file is named after. Commands, options and operands are what --help says: there
# is no second list of them.

# Of a help text on standard input, the items of one section, each with what it is behind a tab.
function __nightjar_items --argument-names section
    awk -v section="$section" '
        function tell() { if (word != "") print word "\t" text; word = "" }
        /^[^ ]/ { tell(); here = $0 == section; next }
        !here { next }
        /^  (-., |    )?(--)?[a-z]/ {
            tell()
            sub(/^ *(-., )?/, "")
            word = $1; sub(/=.*/, "=", word)
            text = $0; sub(/^[^ ]* */, "", text)
            next
        }
        NF { sub(/^ */, ""); text = text " " $0 }
        END { tell() }'
end

# What an option is said to take.
function __nightjar_value --argument-names option
    awk -v option="$option" '
        /^  (-., |    )--/ {
            short = substr($0, 3, 2)
            sub(/^ *(-., )?/, "")
            split($1, part, "=")
            if (part[1] == option || short == option) print part[2]
        }'
end

function __nightjar_values --argument-names value prefix
    switch $value
        case JAIL
            set -l root $NIGHTJAR_DATA
            set -l config /etc/nightjar/server.conf
            set -q NIGHTJAR_SERVER_CONFIG; and set config $NIGHTJAR_SERVER_CONFIG
            test -n "$root"; or set root (string replace --filter --regex '^data=' '' <$config 2>/dev/null)
            test -n "$root"; or set root /data
            for jail in $root/*/.nightjar
                echo "$prefix"(basename (dirname $jail))
            end
        case N NIGHT NIGHT:PATH
            printf "$prefix%s\n" 0 1 2 3 4 5 6
        case LEVEL
            printf "$prefix%s\n" auto off (seq 19)
        case '*'
            for path in (__fish_complete_path (string replace -- "$prefix" '' (commandline --current-token)))
                echo "$prefix$path"
            end
    end
end

function __nightjar
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l program $words[1]
    set -e words[1]
    set -l help ($program --help 2>/dev/null)
    set -l commands (printf '%s\n' $help | __nightjar_items COMMANDS)
    set -l command
    set -l operands 0
    set -l waiting
    for before in $words
        if test -n "$waiting"
            set waiting
        else if string match --quiet -- '-*' $before
            set waiting (printf '%s\n' $help | __nightjar_value $before)
        else if test -n "$commands" -a -z "$command"
            set command $before
            set help ($program $command --help 2>/dev/null)
        else
            set operands (math $operands + 1)
        end
    end
    if test -n "$waiting"
        __nightjar_values $waiting
    else if string match --quiet -- '--*=*' $word
        set -l option (string replace --regex '=.*' '' -- $word)
        __nightjar_values (printf '%s\n' $help | __nightjar_value $option) "$option="
    else if string match --quiet -- '-*' $word
        printf '%s\n' $help | __nightjar_items OPTIONS
    else if test -n "$commands" -a -z "$command"
        printf '%s\n' $commands
    else
        set -l usage (string replace --filter --regex '^Usage: .*\[OPTION\.\.\.\] *' '' -- $help[1] | string split ' ')
        set -l place (math $operands + 1)
        test $place -gt (count $usage); and string match --quiet '*...*' -- $usage[-1]; and set place (count $usage)
        __nightjar_values "$(string replace --all --regex '[][.]' '' -- $usage[$place])"
    end
end

complete --command (status basename | string replace .fish '') --no-files --arguments '(__nightjar)'
