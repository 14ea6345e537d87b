using System.Globalization;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using static GpuStack.Kubernetes.Schemas.Cel.Functions.Overloads;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>Conversions between types, durations and times.</summary>
internal static class ConversionFunctions
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static IEnumerable<CelOverload> All =>
    [
        Function("int", CelType.Int, [CelType.Int], (_, v) => v[0]),
        Function("int", CelType.Int, [CelType.Double], (_, v) => (double)v[0]! is > long.MinValue and < long.MaxValue and var d ? (long)d : CelError.Overflow),
        Function("int", CelType.Int, [CelType.String], (_, v) =>
            long.TryParse((string)v[0]!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : Unreadable(v, "int")),
        Function("int", CelType.Int, [CelType.Timestamp], (_, v) => ((DateTimeOffset)v[0]!).ToUnixTimeSeconds()),
        Function("double", CelType.Double, [CelType.Double], (_, v) => v[0]),
        Function("double", CelType.Double, [CelType.Int], (_, v) => (double)(long)v[0]!),
        Function("double", CelType.Double, [CelType.String], (_, v) =>
            double.TryParse((string)v[0]!, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : Unreadable(v, "double")),
        Function("bool", CelType.Bool, [CelType.Bool], (_, v) => v[0]),
        Function("bool", CelType.Bool, [CelType.String], (_, v) => (string)v[0]! switch
        {
            "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
            "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
            _ => Unreadable(v, "bool"),
        }),
        Function("string", CelType.String, [CelType.String], (_, v) => v[0]),
        Function("string", CelType.String, [CelType.Int], (_, v) => ((long)v[0]!).ToString(CultureInfo.InvariantCulture)),
        Function("string", CelType.String, [CelType.Double], (_, v) => ((double)v[0]!).ToString("R", CultureInfo.InvariantCulture)),
        Function("string", CelType.String, [CelType.Bool], (_, v) => (bool)v[0]! ? "true" : "false"),
        Function("string", CelType.String, [CelType.Duration], (_, v) => Seconds((KubernetesDuration)v[0]!)),
        Function("string", CelType.String, [CelType.Timestamp], (_, v) =>
            ((DateTimeOffset)v[0]!).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)),
        Function("dyn", CelType.Dyn, [CelType.Dyn], (_, v) => v[0]),
        Function("type", CelType.Type, [CelType.Dyn], (_, v) => new CelKindValue(CelKindValue.Of(v[0]) is var k && k == CelKind.Object ? CelKind.Map : k)),
        Function("duration", CelType.Duration, [CelType.Duration], (_, v) => v[0]),
        Function("duration", CelType.Duration, [CelType.String], (_, v) =>
            KubernetesDuration.TryParse((string)v[0]!, out var duration) ? duration : Unreadable(v, "duration")),
        Function("timestamp", CelType.Timestamp, [CelType.String], (_, v) =>
            DateTimeOffset.TryParse((string)v[0]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : Unreadable(v, "timestamp")),
        Function("timestamp", CelType.Timestamp, [CelType.Timestamp], (_, v) => v[0]),
        Part("getHours", 3600 * NanosecondsPerSecond),
        Part("getMinutes", 60 * NanosecondsPerSecond),
        Part("getSeconds", NanosecondsPerSecond),
        Method("getMilliseconds", CelType.Int, [CelType.Duration], (_, v) =>
            ((KubernetesDuration)v[0]!).Nanoseconds % NanosecondsPerSecond / 1_000_000),
    ];

    private static CelOverload Part(string name, long unit) =>
        Method(name, CelType.Int, [CelType.Duration], (_, v) => ((KubernetesDuration)v[0]!).Nanoseconds / unit);

    private static string Seconds(KubernetesDuration duration) =>
        ((decimal)duration.Nanoseconds / NanosecondsPerSecond).ToString("0.#########", CultureInfo.InvariantCulture) + "s";

    private static CelError Unreadable(object?[] v, string type) => new($"type conversion error from '{v[0]}' to '{type}'");
}
