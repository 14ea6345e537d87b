using GpuStack.Kubernetes.Schemas.Cel.Evaluation;

namespace GpuStack.Kubernetes.Schemas.Cel.Values;

/// <summary>Deep equality: numbers across int and double, sets and map-like lists regardless of order, unlike kinds unequal.</summary>
internal static class CelEquality
{
    public static bool AreEqual(object? left, object? right, CelActivation activation)
    {
        activation.Charge(1);
        return (left, right) switch
        {
            (null, null) => true,
            (long a, double b) => a == b,
            (double a, long b) => a == b,
            (string a, string b) => Texts(a, b, activation),
            (CelListValue a, CelListValue b) => Lists(a, b, activation),
            (CelMapValue a, CelMapValue b) => Maps(a, b, activation),
            (null, _) or (_, null) => false,
            _ => left.Equals(right),
        };
    }

    private static bool Texts(string left, string right, CelActivation activation)
    {
        activation.ChargeText(Math.Min(left.Length, right.Length));
        return string.Equals(left, right, StringComparison.Ordinal);
    }

    private static bool Lists(CelListValue left, CelListValue right, CelActivation activation)
    {
        if (left.Count != right.Count)
            return false;
        if (left.Kind == ListKind.Atomic && right.Kind == ListKind.Atomic)
        {
            for (var i = 0; i < left.Count; i++)
            {
                if (!AreEqual(left[i], right[i], activation))
                    return false;
            }
            return true;
        }
        for (var i = 0; i < left.Count; i++)
        {
            var found = false;
            for (var j = 0; j < right.Count && !found; j++)
                found = AreEqual(left[i], right[j], activation);
            if (!found)
                return false;
        }
        return true;
    }

    private static bool Maps(CelMapValue left, CelMapValue right, CelActivation activation)
    {
        if (left.Count != right.Count)
            return false;
        foreach (var key in left.Keys)
        {
            if (!left.TryGet(key, out var a) || !right.TryGet(key, out var b) || !AreEqual(a, b, activation))
                return false;
        }
        return true;
    }
}
