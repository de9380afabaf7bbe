# bash: completes nightjar, vb, gb, nightjar-server and nightjar-receive. Installed under the name of each program.
#
# Commands, options and operands are what --help says: there is no second list of them.

# Of a help text on standard input, the items of one section; "--option=" where it takes a value.
_nightjar_items() {
    awk -v section="$1" '
        /^[^ ]/ { here = $0 == section; next }
        here && /^  (-., |    )?(--)?[a-z]/ { sub(/^ *(-., )?/, ""); sub(/=.*/, "="); print $1 }'
}

# What an option is said to take.
_nightjar_value() {
    awk -v option="$1" '
        /^  (-., |    )--/ {
            short = substr($0, 3, 2)
            sub(/^ *(-., )?/, "")
            split($1, part, "=")
            if (part[1] == option || short == option) print part[2]
        }'
}

# nth operand of a usage line, without brackets; the last one if it may be repeated.
_nightjar_operand() {
    sed -n '1s/^Usage: .*\[OPTION\.\.\.\] *//p' | awk -v number="$1" '
        { if (number > NF && $NF ~ /\.\.\./) number = NF; gsub(/[][.]/, "", $number); if (number <= NF) print $number }'
}

# The jails of a data root are few and cheap to list; the server itself is not asked.
_nightjar_jails() {
    local root=${NIGHTJAR_DATA:-} jail
    [ -n "$root" ] || root=$(sed -n 's/^data=//p' "${NIGHTJAR_SERVER_CONFIG:-/etc/nightjar/server.conf}" 2>/dev/null)
    for jail in "${root:-/data}"/*/.nightjar; do
        jail=${jail%/.nightjar}
        [ ! -d "$jail" ] || echo "${jail##*/}"
    done
}

_nightjar_values() {
    case $1 in
    JAIL) _nightjar_jails ;;
    N | NIGHT | NIGHT:PATH) echo 0 1 2 3 4 5 6 ;;
    LEVEL) echo auto off {1..19} ;;
    esac
}

_nightjar() {
    local program=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' operands=0 index value='' candidates help commands
    help=$("$program" --help 2>/dev/null)
    commands=$(_nightjar_items COMMANDS <<<"$help")
    for ((index = 1; index < COMP_CWORD; index++)); do
        case ${COMP_WORDS[index]} in
        # bash splits a word at "=".
        =) ((index++)) ;;
        -*)
            if [[ ${COMP_WORDS[index + 1]} != = && -n $(_nightjar_value "${COMP_WORDS[index]}" <<<"$help") ]]; then
                ((index++))
            fi ;;
        *)
            if [[ -n $commands && -z $command ]]; then
                command=${COMP_WORDS[index]}
                help=$("$program" "$command" --help 2>/dev/null)
            else
                ((operands++))
            fi ;;
        esac
    done
    if [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
    if [ "$word" = = ]; then word=''; fi
    if [[ $before == -* ]]; then value=$(_nightjar_value "$before" <<<"$help"); fi
    if [ -n "$value" ]; then
        candidates=$(_nightjar_values "$value")
    elif [[ $word == -* ]]; then
        candidates=$(_nightjar_items OPTIONS <<<"$help")
    elif [[ -n $commands && -z $command ]]; then
        candidates=$commands
    else
        candidates=$(_nightjar_values "$(_nightjar_operand $((operands + 1)) <<<"$help")")
    fi
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
    # The value follows without a space.
    if [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}

# Where there is nothing of ours, files.
complete -o bashdefault -o default -F _nightjar nightjar vb gb nightjar-server nightjar-receive
