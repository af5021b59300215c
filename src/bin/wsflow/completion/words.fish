
# What depends on more than the word itself: operators of the filter language, and lists of fields.
function __wsflow_word
    # Within quotes the word begins with one, which is no part of what is typed.
    string replace --regex '^[\'"]' '' -- (commandline --current-token | string collect)
end

function __wsflow_is_operator
    __wsflow_word | string match --quiet --regex '~[a-z]*$'
end

function __wsflow_operators
    set --local head (__wsflow_word | string replace --regex '~[a-z]*$' '' | string collect)
    # What is typed may hold a %, so it is no part of a format.
    printf '%s\n' "$head~"(printf '%s\t%s\n' @OPERATORS@)
end

complete -c wsflow -n __wsflow_is_operator -f -a '(__wsflow_operators)'
complete -c wsflow -n __wsflow_is_operator -s f -l filter -x -a '(__wsflow_operators)'
@FIELDS@
