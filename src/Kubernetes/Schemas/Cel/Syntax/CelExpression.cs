namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

/// <summary>A parsed expression, before types are known.</summary>
/// <param name="Position">Where it stands in the text, from 0.</param>
internal abstract record CelExpression(int Position);

internal sealed record CelLiteral(int Position, object? Value) : CelExpression(Position);

internal sealed record CelIdentifier(int Position, string Name) : CelExpression(Position);

/// <summary><c>operand.field</c>, or <c>has(operand.field)</c> when <paramref name="TestOnly"/>.</summary>
internal sealed record CelSelect(int Position, CelExpression Operand, string Field, bool TestOnly) : CelExpression(Position);

/// <summary>A function, a method (its first argument is the receiver) or an operator such as <c>_+_</c>.</summary>
internal sealed record CelCall(int Position, string Function, bool IsMethod, IReadOnlyList<CelExpression> Arguments) : CelExpression(Position);

internal sealed record CelList(int Position, IReadOnlyList<CelExpression> Items) : CelExpression(Position);

internal sealed record CelMap(int Position, IReadOnlyList<(CelExpression Key, CelExpression Value)> Entries) : CelExpression(Position);

/// <summary><c>&amp;&amp;</c> and <c>||</c>, which absorb the error of one side when the other decides.</summary>
internal sealed record CelLogic(int Position, bool IsAnd, CelExpression Left, CelExpression Right) : CelExpression(Position);

internal sealed record CelTernary(int Position, CelExpression Condition, CelExpression Then, CelExpression Else) : CelExpression(Position);

/// <summary>A macro over a list or the keys of a map.</summary>
internal sealed record CelComprehension(
    int Position, CelMacro Macro, CelExpression Range, string Variable, CelExpression? Condition, CelExpression Body) : CelExpression(Position);
