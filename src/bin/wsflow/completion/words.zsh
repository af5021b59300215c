# What depends on more than the word itself: operators of the filter language, and lists of fields.
_wsflow_words() {
    local -a operators fields
    operators=(
@OPERATORS@
    )
    if [[ ${words[CURRENT-1]} == --fields ]]; then
        case ${words[2]} in
@FIELDS@
        esac
        compset -P '*,'
        _describe -t fields 'field' fields -S ''
        return
    fi
    if [[ $PREFIX == *\~[a-z]# || $PREFIX == *\~ ]]; then
        compset -P '*\~'
        _describe -t operators 'operator' operators
        return
    fi
    _wsflow "$@"
}

# A file that was loaded to complete has to do it, too.
compdef _wsflow_words wsflow
if [ "$funcstack[1]" = "_wsflow" ]; then
    _wsflow_words "$@"
fi
