int a; #if 0
"'/* \
} ) ] // \
*/ #endif
??= R"x( 1e+ .5f L'a' u8"" \u00e9 $a @b `
