using GpuStack.Kubernetes.Schemas.Cel.Evaluation;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using static GpuStack.Kubernetes.Schemas.Cel.Functions.Overloads;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>Lists and maps: size, membership, indexing, and Kubernetes' list functions.</summary>
internal static class CollectionFunctions
{
    public static IEnumerable<CelOverload> All =>
    [
        .. Size(CelType.AnyList, v => ((CelListValue)v).Count),
        .. Size(CelType.AnyMap, v => ((CelMapValue)v).Count),
        Function("@in", CelType.Bool, [CelType.Dyn, CelType.AnyList], (a, v) => Position(a, (CelListValue)v[1]!, v[0], 1) is var at && at is long i ? i >= 0 : at),
        Function("@in", CelType.Bool, [CelType.Dyn, CelType.AnyMap], (_, v) => v[0] is not null && ((CelMapValue)v[1]!).TryGet(v[0]!, out var _)),
        new CelOverload("_[_]", false, [CelType.AnyList, CelType.Int], ElementOf, (_, v) => At((CelListValue)v[0]!, (long)v[1]!)),
        new CelOverload("_[_]", false, [CelType.AnyMap, CelType.Dyn], ElementOf, (_, v) =>
            v[1] is not null && ((CelMapValue)v[0]!).TryGet(v[1]!, out var value) ? value : new CelError($"no such key: {v[1]}")),
        Method("indexOf", CelType.Int, [CelType.AnyList, CelType.Dyn], (a, v) => Position(a, (CelListValue)v[0]!, v[1], 1)),
        Method("lastIndexOf", CelType.Int, [CelType.AnyList, CelType.Dyn], (a, v) => Position(a, (CelListValue)v[0]!, v[1], -1)),
        Method("isSorted", CelType.Bool, [CelType.AnyList], (a, v) => Fold(a, (CelListValue)v[0]!, "_<=_") is var error and not null ? error : true),
        new CelOverload("min", true, [CelType.AnyList], ElementOf, (a, v) => Best(a, (CelListValue)v[0]!, "_<_", "min")),
        new CelOverload("max", true, [CelType.AnyList], ElementOf, (a, v) => Best(a, (CelListValue)v[0]!, "_>_", "max")),
        new CelOverload("sum", true, [CelType.AnyList], ElementOf, (a, v) => Sum(a, (CelListValue)v[0]!)),
    ];

    private static CelType ElementOf(CelType[] types) => types[0].Element ?? CelType.Dyn;

    private static IEnumerable<CelOverload> Size(CelType of, Func<object, int> count) =>
    [
        Function("size", CelType.Int, [of], (_, v) => (long)count(v[0]!)),
        Method("size", CelType.Int, [of], (_, v) => (long)count(v[0]!)),
    ];

    private static object? At(CelListValue list, long index) =>
        index >= 0 && index < list.Count ? list[(int)index] : new CelError($"index out of bounds: {index}");

    private static object Position(CelActivation activation, CelListValue list, object? wanted, int step)
    {
        for (var i = step > 0 ? 0 : list.Count - 1; i >= 0 && i < list.Count; i += step)
        {
            var item = list[i];
            if (item is CelError)
                return item;
            if (CelEquality.AreEqual(item, wanted, activation))
                return (long)i;
        }
        return -1L;
    }

    /// <summary>Null when every neighbouring pair keeps the order; false or an error otherwise.</summary>
    private static object? Fold(CelActivation activation, CelListValue list, string order)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (Apply(activation, order, list[i - 1], list[i]) is var kept and not true)
                return kept;
        }
        return null;
    }

    private static object? Best(CelActivation activation, CelListValue list, string better, string name)
    {
        if (list.Count == 0)
            return new CelError($"{name} called on empty list");
        var best = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            var result = Apply(activation, better, list[i], best);
            if (result is CelError)
                return result;
            best = result is true ? list[i] : best;
        }
        return best;
    }

    private static object? Sum(CelActivation activation, CelListValue list)
    {
        if (list.Count == 0)
            return 0L;
        var sum = list[0];
        for (var i = 1; i < list.Count && sum is not CelError; i++)
            sum = Apply(activation, "_+_", sum, list[i]);
        return sum is long or double or Models.KubernetesDuration or CelError ? sum : CelError.NoSuchOverload;
    }

    private static object? Apply(CelActivation activation, string name, object? left, object? right)
    {
        activation.Charge(1);
        object?[] values = [left, right];
        foreach (var overload in CelLibrary.Find(name, isMethod: false, arity: 2))
        {
            if (overload.Fits(values))
                return overload.Invoke(activation, values);
        }
        return left as CelError ?? right as CelError ?? CelError.NoSuchOverload;
    }
}
