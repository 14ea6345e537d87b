using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using static GpuStack.Kubernetes.Schemas.Cel.Functions.Overloads;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>Kubernetes' quantity library.</summary>
internal static class QuantityFunctions
{
    private const string Unreadable =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static readonly CelType Amount = CelType.Quantity;

    public static IEnumerable<CelOverload> All =>
    [
        Function("quantity", Amount, [CelType.String], (_, v) => Quantity.TryParse((string)v[0]!, out var q) ? q : new CelError(Unreadable)),
        Function("isQuantity", CelType.Bool, [CelType.String], (_, v) => Quantity.TryParse((string)v[0]!, out var _)),
        Method("sign", CelType.Int, [Amount], (_, v) => (long)Compare(v[0]!, default(Quantity))),
        Method("isInteger", CelType.Bool, [Amount], (_, v) => Whole(v[0]!) is not null),
        Method("asInteger", CelType.Int, [Amount], (_, v) => Whole(v[0]!) is { } whole ? whole : new CelError("cannot convert value to integer")),
        Method("asApproximateFloat", CelType.Double, [Amount], (_, v) => ((Quantity)v[0]!).ToDouble()),
        Method("compareTo", CelType.Int, [Amount, Amount], (_, v) => (long)Compare(v[0]!, v[1]!)),
        Method("isGreaterThan", CelType.Bool, [Amount, Amount], (_, v) => Compare(v[0]!, v[1]!) > 0),
        Method("isLessThan", CelType.Bool, [Amount, Amount], (_, v) => Compare(v[0]!, v[1]!) < 0),
        Method("add", Amount, [Amount, Amount], (_, v) => Checked(() => Quantity.Add((Quantity)v[0]!, (Quantity)v[1]!))),
        Method("add", Amount, [Amount, CelType.Int], (_, v) => Checked(() => Quantity.Add((Quantity)v[0]!, new Quantity((long)v[1]!)))),
        Method("sub", Amount, [Amount, Amount], (_, v) => Checked(() => Quantity.Subtract((Quantity)v[0]!, (Quantity)v[1]!))),
        Method("sub", Amount, [Amount, CelType.Int], (_, v) => Checked(() => Quantity.Subtract((Quantity)v[0]!, new Quantity((long)v[1]!)))),
    ];

    private static int Compare(object left, object right) => Math.Sign(((Quantity)left).CompareTo((Quantity)right));

    private static long? Whole(object quantity)
    {
        try
        {
            var whole = ((Quantity)quantity).ToInt64();
            return new Quantity(whole).CompareTo((Quantity)quantity) == 0 ? whole : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static object Checked(Func<Quantity> sum)
    {
        try
        {
            return sum();
        }
        catch (OverflowException)
        {
            return CelError.Overflow;
        }
    }
}
