using GpuStack.Kubernetes.Schemas.Cel.Functions;
using GpuStack.Kubernetes.Schemas.Cel.Values;

namespace GpuStack.Kubernetes.Schemas.Cel.Evaluation;

/// <summary>A compiled expression. Evaluation never throws but for the budget; errors are values.</summary>
internal abstract class CelNode
{
    public abstract object? Evaluate(CelActivation activation);
}

internal sealed class ConstantNode(object? value) : CelNode
{
    public override object? Evaluate(CelActivation activation) => value;
}

internal sealed class VariableNode(int slot) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        activation.Charge(1);
        return activation[slot];
    }
}

internal sealed class SelectNode(CelNode operand, string field, bool testOnly) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        activation.Charge(1);
        var target = operand.Evaluate(activation);
        if (target is CelError)
            return target;
        if (target is not CelMapValue map)
            return CelError.NoSuchOverload;
        var found = map.TryGet(field, out var value);
        if (testOnly)
            return found;
        return found ? value : new CelError($"no such key: {field}");
    }
}

internal sealed class LogicNode(bool isAnd, CelNode left, CelNode right) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        var first = left.Evaluate(activation);
        if (first is bool a && a != isAnd)
            return a;
        var second = right.Evaluate(activation);
        if (second is bool b && b != isAnd)
            return b;
        return first is not bool ? first as CelError ?? CelError.NoSuchOverload
            : second is bool ? second : second as CelError ?? CelError.NoSuchOverload;
    }
}

internal sealed class TernaryNode(CelNode condition, CelNode then, CelNode otherwise) : CelNode
{
    public override object? Evaluate(CelActivation activation) => condition.Evaluate(activation) switch
    {
        true => then.Evaluate(activation),
        false => otherwise.Evaluate(activation),
        CelError error => error,
        _ => CelError.NoSuchOverload,
    };
}

internal sealed class EqualityNode(bool negated, CelNode left, CelNode right) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        var a = left.Evaluate(activation);
        if (a is CelError)
            return a;
        var b = right.Evaluate(activation);
        return b is CelError ? b : CelEquality.AreEqual(a, b, activation) != negated;
    }
}

/// <summary>Calls the first overload that fits the values' kinds; the compiler left those that the static types allow.</summary>
internal sealed class CallNode(IReadOnlyList<CelOverload> overloads, CelNode[] arguments) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        activation.Charge(1);
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Evaluate(activation);
            if (values[i] is CelError)
                return values[i];
        }
        foreach (var overload in overloads)
        {
            if (overload.Fits(values))
                return overload.Invoke(activation, values);
        }
        return CelError.NoSuchOverload;
    }
}

internal sealed class ListNode(CelNode[] items) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        activation.Charge(10);
        var values = new object?[items.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = items[i].Evaluate(activation);
            if (values[i] is CelError)
                return values[i];
        }
        return new CelMadeList(values);
    }
}

internal sealed class MapNode((CelNode Key, CelNode Value)[] entries) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        activation.Charge(30);
        var map = new Dictionary<object, object?>();
        foreach (var (keyNode, valueNode) in entries)
        {
            var key = keyNode.Evaluate(activation);
            var value = valueNode.Evaluate(activation);
            if (key is CelError || value is CelError)
                return key as CelError ?? value;
            if (key is not (string or long or bool))
                return new CelError("unsupported key type");
            if (!map.TryAdd(key, value))
                return new CelError("duplicate key in map");
        }
        return new CelMadeMap(map);
    }
}
