#compdef gpustack-operator
# Completion of gpustack-operator for zsh: source <(gpustack-operator completion zsh), or this as _gpustack-operator in a folder of fpath.

_gpustack_operator() {
  local -a answer candidates
  local line rule=':4'
  answer=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${answer[@]}"; do
    if [[ $line == :<-> ]]; then
      rule=$line
    elif [[ $line == *$'\t'* ]]; then
      candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    elif [[ -n $line ]]; then
      candidates+=("${line//:/\\:}")
    fi
  done
  # Of --option=value the program names values alone.
  [[ ${words[CURRENT]} != -*=* ]] || compset -P '*='
  if (( ${#candidates} )); then
    _describe -V 'gpustack-operator' candidates
  elif [[ $rule == ':0' ]]; then
    _files
  fi
}

if [[ ${funcstack[1]} == _gpustack-operator ]]; then
  _gpustack_operator "$@"
else
  compdef _gpustack_operator gpustack-operator
fi
