/* What the lexer knows of each language.  Keywords are from the languages' own
 * references, without words that also are common names. */
#include "tui/text/code.h"

#define C_WORDS                                                               \
    "auto break case char const continue default do double else enum extern " \
    "float for goto if inline int long register restrict return short "       \
    "signed sizeof static struct switch typedef union unsigned void "         \
    "volatile while bool true false NULL nullptr"
#define SCRIPT_WORDS                                                          \
    "async await break case catch class const continue debugger default "    \
    "delete do else export extends false finally for from function get if "  \
    "import in instanceof let new null of return set static super switch "   \
    "this throw true try typeof undefined var void while yield"
#define TYPED_WORDS                                                           \
    " abstract any as boolean declare enum implements interface keyof "      \
    "namespace never number private protected public readonly string type "  \
    "unknown"

const struct code_language code_languages[] = {
    {"python py python3 py3 pycon", "#", NULL, "\"'", "\"\"\" '''",
     "and as assert async await break case class continue def del elif else "
     "except False finally for from global if import in is lambda match None "
     "nonlocal not or pass raise return self True try while with yield", 0},
    {"c h", "//", "/* */", "\"'", NULL, C_WORDS
     " include define ifdef ifndef endif", 0},
    {"cpp c++ cc cxx hpp arduino cuda", "//", "/* */", "\"'", NULL, C_WORDS
     " catch class constexpr delete explicit final friend namespace new "
     "noexcept operator override private protected public template this "
     "throw try typename using virtual include define", 0},
    {"javascript js jsx node mjs", "//", "/* */", "\"'", "`", SCRIPT_WORDS,
     0},
    {"typescript ts tsx", "//", "/* */", "\"'", "`", SCRIPT_WORDS TYPED_WORDS,
     0},
    {"java groovy", "//", "/* */", "\"'", "\"\"\"",
     "abstract assert boolean break byte case catch char class continue "
     "default do double else enum extends false final finally float for if "
     "implements import instanceof int interface long native new null "
     "package private protected public record return short static super "
     "switch synchronized this throw throws true try var void volatile "
     "while", 0},
    {"csharp cs c# dotnet", "//", "/* */", "\"'", NULL,
     "abstract as async await base bool break byte case catch char class "
     "const continue decimal default do double else enum false finally "
     "float for foreach get if in int interface internal is lock long "
     "namespace new null object out override private protected public "
     "readonly record ref return sealed set static string struct switch "
     "this throw true try using var virtual void while yield", 0},
    {"go golang", "//", "/* */", "\"'", "`",
     "break case chan const continue default defer else error false for "
     "func go if import interface int map nil package range return select "
     "string struct switch true type var bool byte", 0},
    {"rust rs", "//", "/* */", "\"'", NULL,
     "as async await bool break char const continue crate dyn else enum "
     "extern false fn for if impl in let loop match mod move mut pub ref "
     "return self Self static str struct super trait true type unsafe use "
     "usize where while i32 i64 u8 u32 u64 f32 f64 None Some Ok Err",
     CODE_LIFETIMES},
    {"swift", "//", "/* */", "\"", "\"\"\"",
     "as break case catch class continue default defer do else enum "
     "extension false fileprivate for func guard if import in init inout is "
     "let nil private protocol public return self static struct super "
     "switch throw throws true try var where while", 0},
    {"kotlin kt kts", "//", "/* */", "\"'", "\"\"\"",
     "as break by catch class companion continue data do else false final "
     "finally for fun if import in interface internal is lateinit null "
     "object open override package private return sealed super suspend "
     "this throw true try val var when while", 0},
    {"scala dart", "//", "/* */", "\"'", "\"\"\"",
     "abstract case catch class def do else extends false final for if "
     "implicit import lazy match new null object override package private "
     "protected return sealed static super this throw trait true try type "
     "val var void while with yield", 0},
    {"php", "// #", "/* */", "\"'", NULL,
     "abstract and array as break case catch class const continue default "
     "do echo else elseif extends false final fn for foreach function if "
     "implements interface match namespace new null private protected "
     "public return static switch this throw trait true try use var while",
     0},
    {"ruby rb", "#", "=begin =end", "\"'`", NULL,
     "alias and begin break case class def do else elsif end ensure false "
     "for if in module next nil not or puts redo require rescue return self "
     "super then true undef unless until when while yield", 0},
    {"bash sh shell zsh console fish", "#", NULL, "", "\" '",
     "break case cd continue do done echo elif else esac eval exec exit "
     "export fi for function if in local read return set shift sudo then "
     "trap unset until while", 0},
    {"powershell ps1 pwsh", "#", "<# #>", "\"'", NULL,
     "begin break catch class continue do else elseif end exit finally for "
     "foreach function if in param process return switch throw try until "
     "while", CODE_ANY_CASE},
    {"perl pl", "#", NULL, "\"'`", NULL,
     "and else elsif foreach for if last local my next no not or our package "
     "print require return sub unless until use while", 0},
    {"lua", "--", "--[[ ]]", "\"'", NULL,
     "and break do else elseif end false for function goto if in local nil "
     "not or repeat return then true until while", 0},
    {"r", "#", NULL, "\"'", NULL,
     "break else FALSE for function if in library NA next NULL repeat "
     "return TRUE while", 0},
    {"julia jl", "#", "#= =#", "\"", "\"\"\"",
     "abstract begin break catch const continue do else elseif end export "
     "false finally for function global if import in let local macro module "
     "mutable nothing quote return struct true try using while", 0},
    {"haskell hs", "--", "{- -}", "\"", NULL,
     "case class data deriving do else if import in infix instance let "
     "module newtype of otherwise then type where", 0},
    {"sql mysql postgresql postgres sqlite plsql tsql", "--", "/* */", "'\"",
     NULL,
     "add all alter and as asc begin between by case check column commit "
     "constraint create cross default delete desc distinct drop else end "
     "exists foreign from full group having if in index inner insert into "
     "is join key left like limit not null offset on or order outer over "
     "partition primary references right rollback row select set table then "
     "transaction union unique update using values varchar view when where "
     "with integer int text", CODE_ANY_CASE},
    {"html xml svg xhtml vue svelte", NULL, "<!-- -->", "\"'", NULL, NULL,
     CODE_TAGS},
    {"css scss less", NULL, "/* */", "\"'", NULL,
     "@media @import @keyframes @font-face @supports !important", 0},
    {"json json5 jsonc jsonl", "//", "/* */", "\"", NULL, "true false null",
     0},
    {"yaml yml", "#", NULL, "\"'", NULL, "true false null yes no", 0},
    {"toml ini conf cfg properties", "# ;", NULL, "\"'", NULL, "true false",
     0},
    {"dockerfile docker", "#", NULL, "\"'", NULL,
     "add arg cmd copy entrypoint env expose from healthcheck label run "
     "shell user volume workdir as", CODE_ANY_CASE},
    {"makefile make cmake", "#", NULL, "\"", NULL,
     "define else endif endef export ifdef ifeq ifndef ifneq include", 0},
    {"nix zig nim elixir ex exs clojure lisp scheme", "# ;", NULL, "\"", NULL,
     "do end def defmodule defn defun fn if else let case cond when in for "
     "with nil true false lambda define const var return import", 0},
    {.names = NULL},
};
