# Completion of gpustack-operator for fish: gpustack-operator completion fish | source

function __gpustack_operator_words
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    set -l answer ($before[1] __complete $before[2..-1] "$typed" 2>/dev/null)
    # Of --option=value the program names values alone.
    set -l prefix (string match -r -- '^-[^=]*=' "$typed")
    set -l candidates (string match -v -r '^:[0-9]+$' -- $answer)
    if test (count $candidates) -gt 0
        for candidate in $candidates
            echo -- "$prefix$candidate"
        end
    else if contains -- ':0' $answer
        __fish_complete_path (string replace -- "$prefix" '' "$typed") | string replace -r '^' -- "$prefix"
    end
end

complete -c gpustack-operator -f -k -a '(__gpustack_operator_words)'
