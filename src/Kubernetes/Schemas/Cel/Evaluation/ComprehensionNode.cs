using GpuStack.Kubernetes.Schemas.Cel.Syntax;
using GpuStack.Kubernetes.Schemas.Cel.Values;

namespace GpuStack.Kubernetes.Schemas.Cel.Evaluation;

/// <summary>all and exists absorb errors of items when another item decides; the other macros pass them on.</summary>
internal sealed class ComprehensionNode(CelMacro macro, CelNode range, int slot, CelNode? condition, CelNode body) : CelNode
{
    public override object? Evaluate(CelActivation activation)
    {
        var source = range.Evaluate(activation);
        return source switch
        {
            CelError => source,
            CelListValue list => Run(activation, Items(list)),
            CelMapValue map => Run(activation, map.Keys),
            _ => CelError.NoSuchOverload,
        };
    }

    private static IEnumerable<object?> Items(CelListValue list)
    {
        for (var i = 0; i < list.Count; i++)
            yield return list[i];
    }

    private object? Run(CelActivation activation, IEnumerable<object?> items)
    {
        var outer = activation[slot];
        try
        {
            return macro switch
            {
                CelMacro.All => Decide(activation, items, decisive: false),
                CelMacro.Exists => Decide(activation, items, decisive: true),
                CelMacro.ExistsOne => Count(activation, items),
                _ => Collect(activation, items),
            };
        }
        finally
        {
            activation[slot] = outer;
        }
    }

    private object Decide(CelActivation activation, IEnumerable<object?> items, bool decisive)
    {
        CelError? error = null;
        foreach (var item in items)
        {
            var result = With(activation, item, body);
            if (result is bool decided && decided == decisive)
                return decisive;
            if (result is not bool)
                error ??= result as CelError ?? CelError.NoSuchOverload;
        }
        return error is null ? !decisive : error;
    }

    private object Count(CelActivation activation, IEnumerable<object?> items)
    {
        var count = 0;
        foreach (var item in items)
        {
            var result = With(activation, item, body);
            if (result is not bool holds)
                return result as CelError ?? CelError.NoSuchOverload;
            count += holds ? 1 : 0;
        }
        return count == 1;
    }

    private object Collect(CelActivation activation, IEnumerable<object?> items)
    {
        var collected = new List<object?>();
        foreach (var item in items)
        {
            var filter = macro == CelMacro.Filter ? body : condition;
            if (filter is not null)
            {
                var result = With(activation, item, filter);
                if (result is not bool keep)
                    return result as CelError ?? CelError.NoSuchOverload;
                if (!keep)
                    continue;
            }
            var value = macro == CelMacro.Filter ? item : With(activation, item, body);
            if (value is CelError error)
                return error;
            collected.Add(value);
        }
        return new CelMadeList(collected);
    }

    private object? With(CelActivation activation, object? item, CelNode node)
    {
        activation.Charge(1);
        activation[slot] = item;
        return item is CelError ? item : node.Evaluate(activation);
    }
}
