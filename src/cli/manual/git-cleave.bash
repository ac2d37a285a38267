
# Prints the values that only the repository knows: for the word after a command ("plan,") or after an option ("plan,--name").
__git_cleave_values ()
{
	case $1 in
	@VALUES@
	esac
}

# git's completion calls this for "git cleave", with its variables cur, prev, words, cword and __git_cmd_idx.
_git_cleave ()
{
	local first=${__git_cmd_idx:-1} command= option= word values i
	local COMP_WORDS=(git_cleave_words "${words[@]:first+1}") COMP_CWORD=$((cword - first))
	COMPREPLY=()
	if [[ $cur == --*=* ]]; then
		option=${cur%%=*} cur=${cur#*=}
		COMP_WORDS[COMP_CWORD]=$option
		COMP_WORDS[++COMP_CWORD]=$cur
	elif [[ $prev == -* ]]; then
		option=$prev
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--) return ;;
		-C|--format|--color) ((i++)) ;;
		-*) ;;
		*) command=$word; break ;;
		esac
	done
	[[ $option ]] && values=$(__git_cleave_values "$command,$option")
	if [[ ! $values && $cur != -* ]]; then
		values=$(__git_cleave_values "$command,")
		# The end of A..B is completed by itself.
		[[ $cur == *..* ]] && values=$(printf '%s\n' "$values" | while read -r word; do printf '%s\n' "${cur%..*}..$word"; done)
	fi
	if [[ $values ]]; then
		COMPREPLY=($(compgen -W "$values" -- "$cur"))
	else
		_git_cleave_words git_cleave_words "$cur" "${option:-$prev}"
	fi
	# clap offers names such as [RANGE] too, which nobody types. git's completion adds no space, so a whole word brings its own.
	values=()
	for word in "${COMPREPLY[@]}"; do
		case $word in
		\[*|\<*) ;;
		*) if [[ -e $word ]]; then values+=("$word"); else values+=("$word "); fi ;;
		esac
	done
	COMPREPLY=("${values[@]}")
}

__git_cleave_alone ()
{
	local words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=$2 prev=$3 __git_cmd_idx=0
	_git_cleave
}

complete -F __git_cleave_alone -o bashdefault -o default -o nospace git-cleave
