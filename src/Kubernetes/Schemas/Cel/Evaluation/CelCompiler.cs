using GpuStack.Kubernetes.Schemas.Cel.Functions;
using GpuStack.Kubernetes.Schemas.Cel.Syntax;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using GpuStack.Kubernetes.Schemas.Patterns;

namespace GpuStack.Kubernetes.Schemas.Cel.Evaluation;

/// <summary>
/// Checks types and resolves functions, bottom-up, and turns the syntax into nodes that run. What is unknown or does
/// not fit is refused here, in cel-go's words, so that a rule never fails silently when it runs.
/// </summary>
internal sealed class CelCompiler
{
    private readonly List<(string Name, CelType Type, int Slot)> _scope = [];

    private CelCompiler(CelType self, bool hasOldSelf)
    {
        _scope.Add(("self", self, 0));
        if (hasOldSelf)
            _scope.Add(("oldSelf", self, 1));
    }

    private int Slots { get; set; } = 2;

    private bool UsesOldSelf { get; set; }

    /// <exception cref="CelSyntaxException">The text does not parse or does not type-check.</exception>
    public static CelProgram Compile(string text, CelType self, bool hasOldSelf, CelType expected)
    {
        var compiler = new CelCompiler(self, hasOldSelf);
        var (node, type) = compiler.Visit(CelParser.Parse(text));
        if (!expected.Accepts(type) || (type.Kind == CelKind.Dyn && expected.Kind != CelKind.Dyn))
            throw new CelSyntaxException(0, $"must evaluate to {(expected.Kind == CelKind.Bool ? "a bool" : expected.ToString())}");
        return new CelProgram(node, compiler.Slots, compiler.UsesOldSelf);
    }

    private (CelNode Node, CelType Type) Visit(CelExpression expression) => expression switch
    {
        CelLiteral literal => (new ConstantNode(literal.Value), TypeOf(literal.Value)),
        CelIdentifier identifier => Identifier(identifier),
        CelSelect select => Select(select),
        CelLogic logic => (new LogicNode(logic.IsAnd, Bool(logic.Left, logic), Bool(logic.Right, logic)), CelType.Bool),
        CelTernary ternary => Ternary(ternary),
        CelCall { Function: "_==_" or "_!=_" } equality => Equality(equality),
        CelCall call => Call(call),
        CelList list => List(list),
        CelMap map => Map(map),
        CelComprehension comprehension => Comprehension(comprehension),
        _ => throw new CelSyntaxException(expression.Position, "unknown expression"),
    };

    private static CelType TypeOf(object? value) => new(CelKindValue.Of(value));

    private (CelNode, CelType) Identifier(CelIdentifier identifier)
    {
        for (var i = _scope.Count - 1; i >= 0; i--)
        {
            if (_scope[i].Name != identifier.Name)
                continue;
            UsesOldSelf |= _scope[i].Slot == 1;
            return (new VariableNode(_scope[i].Slot), _scope[i].Type);
        }
        return CelLibrary.TypeNames.TryGetValue(identifier.Name, out var kind)
            ? (new ConstantNode(new CelKindValue(kind)), CelType.Type)
            : throw new CelSyntaxException(identifier.Position, $"undeclared reference to '{identifier.Name}' (in container '')");
    }

    private (CelNode, CelType) Select(CelSelect select)
    {
        var (operand, type) = Visit(select.Operand);
        var (name, result) = type.Kind switch
        {
            CelKind.Object when type.Fields.TryGetValue(select.Field, out var field) => (field.JsonName, field.Type),
            CelKind.Object => throw new CelSyntaxException(select.Position, $"undefined field '{select.Field}'"),
            CelKind.Map => (select.Field, type.Element!),
            CelKind.Dyn => (select.Field, CelType.Dyn),
            _ => throw new CelSyntaxException(select.Position, $"type '{type}' does not support field selection"),
        };
        return (new SelectNode(operand, name, select.TestOnly), select.TestOnly ? CelType.Bool : result);
    }

    private CelNode Bool(CelExpression expression, CelLogic parent)
    {
        var (node, type) = Visit(expression);
        return CelType.Bool.Accepts(type) ? node
            : throw new CelSyntaxException(parent.Position, $"expected type 'bool' but found '{type}'");
    }

    private (CelNode, CelType) Ternary(CelTernary ternary)
    {
        var (condition, conditionType) = Visit(ternary.Condition);
        var (then, thenType) = Visit(ternary.Then);
        var (otherwise, elseType) = Visit(ternary.Else);
        if (!CelType.Bool.Accepts(conditionType) || !Comparable(thenType, elseType))
        {
            throw new CelSyntaxException(ternary.Position,
                $"found no matching overload for '_?_:_' applied to '({conditionType}, {thenType}, {elseType})'");
        }
        return (new TernaryNode(condition, then, otherwise), Join(thenType, elseType));
    }

    private (CelNode, CelType) Equality(CelCall call)
    {
        var (left, leftType) = Visit(call.Arguments[0]);
        var (right, rightType) = Visit(call.Arguments[1]);
        if (!Comparable(leftType, rightType))
            throw NoOverload(call, [leftType, rightType]);
        return (new EqualityNode(call.Function == "_!=_", left, right), CelType.Bool);
    }

    private (CelNode, CelType) Call(CelCall call)
    {
        var candidates = CelLibrary.Find(call.Function, call.IsMethod, call.Arguments.Count);
        if (candidates.Length == 0 && !CelLibrary.Has(call.Function))
            throw new CelSyntaxException(call.Position, $"undeclared reference to '{call.Function}' (in container '')");
        var nodes = new CelNode[call.Arguments.Count];
        var types = new CelType[call.Arguments.Count];
        for (var i = 0; i < nodes.Length; i++)
            (nodes[i], types[i]) = Visit(call.Arguments[i]);
        var fitting = candidates.Where(o => o.Accepts(types)).ToArray();
        if (fitting.Length == 0)
            throw NoOverload(call, types);
        Restrict(call, types);
        var results = fitting.Select(o => o.Result(types)).Distinct().ToArray();
        return (new CallNode(fitting, nodes), results.Length == 1 ? results[0] : CelType.Dyn);
    }

    /// <summary>What the signatures cannot say.</summary>
    private static void Restrict(CelCall call, CelType[] types)
    {
        if (call.Function == "_+_" && types.Any(t => t.MergesOnAdd))
            throw new CelSyntaxException(call.Position, "adding lists of type set or map is beyond this evaluator");
        if (call.Function == "@in" && types[1].Kind is CelKind.List && !Comparable(types[0], types[1].Element!))
            throw NoOverload(call, types);
        if (call.Function is "matches" or "find" or "findAll" && call.Arguments[1] is CelLiteral { Value: string pattern })
        {
            try
            {
                GoPattern.Parse(pattern);
            }
            catch (FormatException e)
            {
                throw new CelSyntaxException(call.Arguments[1].Position, $"invalid matches argument: {e.Message}");
            }
        }
    }

    private (CelNode, CelType) List(CelList list)
    {
        CelType? element = null;
        var nodes = new CelNode[list.Items.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            (nodes[i], var type) = Visit(list.Items[i]);
            element = Homogeneous(element, type, list.Items[i].Position);
        }
        return (new ListNode(nodes), CelType.ListOf(element ?? CelType.Dyn));
    }

    private (CelNode, CelType) Map(CelMap map)
    {
        CelType? key = null;
        CelType? value = null;
        var nodes = new (CelNode, CelNode)[map.Entries.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var (keyNode, keyType) = Visit(map.Entries[i].Key);
            var (valueNode, valueType) = Visit(map.Entries[i].Value);
            key = Homogeneous(key, keyType, map.Entries[i].Key.Position);
            value = Homogeneous(value, valueType, map.Entries[i].Value.Position);
            nodes[i] = (keyNode, valueNode);
        }
        return (new MapNode(nodes), CelType.MapOf(key ?? CelType.Dyn, value ?? CelType.Dyn));
    }

    private static CelType Homogeneous(CelType? known, CelType type, int position) =>
        known is null || known.Accepts(type) ? Join(known ?? type, type)
            : throw new CelSyntaxException(position, $"expected type '{known}' but found '{type}'");

    private (CelNode, CelType) Comprehension(CelComprehension comprehension)
    {
        var (range, rangeType) = Visit(comprehension.Range);
        var item = rangeType.Kind switch
        {
            CelKind.List => rangeType.Element!,
            CelKind.Map => rangeType.Key!,
            CelKind.Dyn => CelType.Dyn,
            _ => throw new CelSyntaxException(comprehension.Position,
                $"expression of type '{rangeType}' cannot be range of a comprehension (must be list, map, or dynamic)"),
        };
        var slot = Slots++;
        _scope.Add((comprehension.Variable, item, slot));
        CelNode? condition = null;
        if (comprehension.Condition is not null)
            condition = Predicate(comprehension.Condition);
        var (body, bodyType) = Visit(comprehension.Body);
        if (comprehension.Macro != CelMacro.Map && !CelType.Bool.Accepts(bodyType))
            throw new CelSyntaxException(comprehension.Body.Position, $"expected type 'bool' but found '{bodyType}'");
        _scope.RemoveAt(_scope.Count - 1);
        var type = comprehension.Macro switch
        {
            CelMacro.Map => CelType.ListOf(bodyType),
            CelMacro.Filter => CelType.ListOf(item),
            _ => CelType.Bool,
        };
        return (new ComprehensionNode(comprehension.Macro, range, slot, condition, body), type);
    }

    private CelNode Predicate(CelExpression expression)
    {
        var (node, type) = Visit(expression);
        return CelType.Bool.Accepts(type) ? node
            : throw new CelSyntaxException(expression.Position, $"expected type 'bool' but found '{type}'");
    }

    private static bool Comparable(CelType left, CelType right) =>
        left.Kind == CelKind.Null || right.Kind == CelKind.Null || left.Accepts(right) || right.Accepts(left);

    private static CelType Join(CelType left, CelType right) =>
        left.Kind == CelKind.Null ? right : right.Kind == CelKind.Null || left.Equals(right) ? left : CelType.Dyn;

    private static CelSyntaxException NoOverload(CelCall call, CelType[] types) =>
        new(call.Position, call.IsMethod
            ? $"found no matching overload for '{call.Function}' applied to '{types[0]}.({string.Join(", ", types.Skip(1))})'"
            : $"found no matching overload for '{call.Function}' applied to '({string.Join(", ", (object[])types)})'");
}
