using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using static GpuStack.Kubernetes.Schemas.Cel.Functions.Overloads;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>Arithmetic and order. Integers overflow to an error; numbers compare across int and double.</summary>
internal static class OperatorFunctions
{
    public static IEnumerable<CelOverload> All =>
    [
        Function("!_", CelType.Bool, [CelType.Bool], (_, v) => !(bool)v[0]!),
        Function("-_", CelType.Int, [CelType.Int], (_, v) => (long)v[0]! == long.MinValue ? CelError.Overflow : -(long)v[0]!),
        Function("-_", CelType.Double, [CelType.Double], (_, v) => -(double)v[0]!),
        Int("+", (a, b) => checked(a + b)),
        Int("-", (a, b) => checked(a - b)),
        Int("*", (a, b) => checked(a * b)),
        Int("/", (a, b) => b == 0 ? new CelError("division by zero") : checked(a / b)),
        Int("%", (a, b) => b == 0 ? new CelError("modulus by zero") : b == -1 ? 0L : a % b),
        Double("+", (a, b) => a + b),
        Double("-", (a, b) => a - b),
        Double("*", (a, b) => a * b),
        Double("/", (a, b) => a / b),
        Function("_+_", CelType.String, [CelType.String, CelType.String], (activation, v) =>
        {
            activation.ChargeText(((string)v[0]!).Length + ((string)v[1]!).Length);
            return (string)v[0]! + (string)v[1]!;
        }),
        new CelOverload("_+_", false, [CelType.AnyList, CelType.AnyList], types => types[0].Element!.Kind == CelKind.Dyn ? types[1] : types[0],
            (activation, v) =>
            {
                var (left, right) = ((CelListValue)v[0]!, (CelListValue)v[1]!);
                activation.Charge(left.Count + right.Count + 1);
                return new CelMadeList([.. Enumerable.Range(0, left.Count).Select(i => left[i]), .. Enumerable.Range(0, right.Count).Select(i => right[i])]);
            }),
        Function("_+_", CelType.Duration, [CelType.Duration, CelType.Duration], (_, v) => Nanoseconds(v, (a, b) => checked(a + b))),
        Function("_-_", CelType.Duration, [CelType.Duration, CelType.Duration], (_, v) => Nanoseconds(v, (a, b) => checked(a - b))),
        .. Order("<", c => c < 0),
        .. Order("<=", c => c <= 0),
        .. Order(">", c => c > 0),
        .. Order(">=", c => c >= 0),
    ];

    private static CelOverload Int(string symbol, Func<long, long, object> apply) =>
        Function($"_{symbol}_", CelType.Int, [CelType.Int, CelType.Int], (_, v) =>
        {
            try
            {
                return apply((long)v[0]!, (long)v[1]!);
            }
            catch (OverflowException)
            {
                return CelError.Overflow;
            }
        });

    private static CelOverload Double(string symbol, Func<double, double, double> apply) =>
        Function($"_{symbol}_", CelType.Double, [CelType.Double, CelType.Double], (_, v) => apply((double)v[0]!, (double)v[1]!));

    private static object Nanoseconds(object?[] v, Func<long, long, long> apply)
    {
        try
        {
            return new KubernetesDuration(apply(((KubernetesDuration)v[0]!).Nanoseconds, ((KubernetesDuration)v[1]!).Nanoseconds));
        }
        catch (OverflowException)
        {
            return CelError.Overflow;
        }
    }

    private static IEnumerable<CelOverload> Order(string symbol, Func<int, bool> holds)
    {
        yield return Compare(CelType.Bool, CelType.Bool, (a, b) => ((bool)a).CompareTo((bool)b));
        yield return Compare(CelType.Int, CelType.Int, (a, b) => ((long)a).CompareTo((long)b));
        yield return Compare(CelType.String, CelType.String, (a, b) => string.CompareOrdinal((string)a, (string)b));
        yield return Compare(CelType.Timestamp, CelType.Timestamp, (a, b) => ((DateTimeOffset)a).CompareTo((DateTimeOffset)b));
        yield return Compare(CelType.Duration, CelType.Duration, (a, b) => ((KubernetesDuration)a).CompareTo((KubernetesDuration)b));
        yield return Numbers(CelType.Double, CelType.Double);
        yield return Numbers(CelType.Int, CelType.Double);
        yield return Numbers(CelType.Double, CelType.Int);

        CelOverload Compare(CelType left, CelType right, Func<object, object, int> compare) =>
            Function($"_{symbol}_", CelType.Bool, [left, right], (_, v) => holds(compare(v[0]!, v[1]!)));

        CelOverload Numbers(CelType left, CelType right) => Function($"_{symbol}_", CelType.Bool, [left, right], (_, v) =>
        {
            var (a, b) = (AsDouble(v[0]!), AsDouble(v[1]!));
            return !double.IsNaN(a) && !double.IsNaN(b) && holds(a.CompareTo(b));
        });
    }

    private static double AsDouble(object value) => value is long whole ? whole : (double)value;
}
