
# What depends on more than the word itself: operators of the filter language, lists of fields, and files.
_wsflow_words() {
    local current=${COMP_WORDS[COMP_CWORD]} before= fields= head word
    local operators='@OPERATORS@'
    if ((COMP_CWORD > 0)); then before=${COMP_WORDS[COMP_CWORD - 1]}; fi
    if [[ $before == --fields ]]; then
        case ${COMP_WORDS[1]} in
@FIELDS@
        esac
        COMPREPLY=()
        [[ $current == *,* ]] && head=${current%,*},
        for word in $fields; do
            [[ $head$word == "$current"* ]] && COMPREPLY+=("$head$word")
        done
        compopt -o nospace 2>/dev/null
        return
    fi
    # Within quotes the word begins with one, and readline replaces what is behind it.
    current=${current#[\'\"]}
    head=${current%\~*}
    if [[ $current == *\~* && ${current##*\~} != *[!a-z]* ]]; then
        COMPREPLY=()
        for word in $operators; do
            [[ $word == "${current##*\~}"* ]] && COMPREPLY+=("$head~$word")
        done
        return
    fi
    _wsflow "$@"
    # It offers options in every place. Where none was begun, a file may be wanted; readline offers those by itself when
    # nothing else is left.
    if [[ $current != -* ]]; then
        local offered=("${COMPREPLY[@]}")
        COMPREPLY=()
        for word in "${offered[@]}"; do
            [[ $word == -* ]] || COMPREPLY+=("$word")
        done
    fi
}

complete -F _wsflow_words -o bashdefault -o default wsflow
