using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Modeling;

/// <summary>An amount of memory in bytes. JSON: an integer.</summary>
/// <param name="Value">The number of bytes; differences may be negative.</param>
[JsonConverter(typeof(BytesJsonConverter))]
public readonly record struct Bytes(long Value) : IComparable<Bytes>
{
    private const double KiB = 1024;

    /// <summary>No memory at all.</summary>
    public static Bytes Zero => default;

    /// <summary>So many MiB (2^20 bytes).</summary>
    public static Bytes FromMiB(double mebibytes) => new((long)Math.Round(mebibytes * KiB * KiB));

    /// <summary>So many GiB (2^30 bytes).</summary>
    public static Bytes FromGiB(double gibibytes) => new((long)Math.Round(gibibytes * KiB * KiB * KiB));

    /// <summary>The amount in MiB (2^20 bytes).</summary>
    public double MiB => Value / (KiB * KiB);

    /// <summary>The amount in GiB (2^30 bytes).</summary>
    public double GiB => Value / (KiB * KiB * KiB);

    public static Bytes operator +(Bytes left, Bytes right) => new(checked(left.Value + right.Value));

    public static Bytes operator -(Bytes left, Bytes right) => new(checked(left.Value - right.Value));

    public static Bytes operator *(Bytes left, long right) => new(checked(left.Value * right));

    public static Bytes operator *(long left, Bytes right) => right * left;

    public static bool operator <(Bytes left, Bytes right) => left.Value < right.Value;

    public static bool operator >(Bytes left, Bytes right) => left.Value > right.Value;

    public static bool operator <=(Bytes left, Bytes right) => left.Value <= right.Value;

    public static bool operator >=(Bytes left, Bytes right) => left.Value >= right.Value;

    /// <summary>The larger of two amounts.</summary>
    public static Bytes Max(Bytes left, Bytes right) => left.Value >= right.Value ? left : right;

    /// <inheritdoc />
    public int CompareTo(Bytes other) => Value.CompareTo(other.Value);

    /// <summary>For people, with one decimal and a binary unit: "12.3 GiB".</summary>
    public override string ToString()
    {
        double size = Math.Abs((double)Value);
        return size switch
        {
            >= KiB * KiB * KiB => Format(KiB * KiB * KiB, "GiB"),
            >= KiB * KiB => Format(KiB * KiB, "MiB"),
            >= KiB => Format(KiB, "KiB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Value} B"),
        };
    }

    private string Format(double unit, string name) => string.Create(CultureInfo.InvariantCulture, $"{Value / unit:0.0} {name}");
}

/// <summary>Writes <see cref="Bytes"/> as an integer.</summary>
public sealed class BytesJsonConverter : JsonConverter<Bytes>
{
    /// <inheritdoc />
    public override Bytes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Bytes value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}
