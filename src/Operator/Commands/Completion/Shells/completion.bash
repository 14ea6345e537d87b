# Completion of gpustack-operator for bash: source <(gpustack-operator completion bash)
# shellcheck shell=bash

_gpustack_operator() {
  local -a words=()
  local word line answer
  # Readline cuts words at an equals sign; the program takes an option and its value as two words, too.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word == '=' ]] || words+=("$word")
  done
  [[ ${COMP_WORDS[COMP_CWORD]} != '=' ]] || words+=('')
  COMPREPLY=()
  answer=$("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null) || return 0
  while IFS= read -r line; do
    case $line in
      :4) compopt +o default 2>/dev/null ;;
      :*) ;;
      *) COMPREPLY+=("$(printf '%q' "${line%%$'\t'*}")") ;;
    esac
  done <<<"$answer"
}

complete -o default -F _gpustack_operator gpustack-operator
