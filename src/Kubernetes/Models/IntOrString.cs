using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>A number or a name, such as a port; or a percentage.</summary>
[JsonConverter(typeof(IntOrStringJsonConverter))]
[StructLayout(LayoutKind.Auto)]
public readonly struct IntOrString : IEquatable<IntOrString>
{
    private readonly string? _text;
    private readonly int _number;

    /// <summary>A number.</summary>
    public IntOrString(int number) => _number = number;

    /// <summary>A name or a percentage.</summary>
    public IntOrString(string text) => _text = text;

    /// <summary>The number; null when it is text.</summary>
    public int? Number => _text is null ? _number : null;

    /// <summary>The text; null when it is a number.</summary>
    public string? Text => _text;

    /// <inheritdoc/>
    public bool Equals(IntOrString other) => _number == other._number && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IntOrString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_number, _text);

    /// <inheritdoc/>
    public override string ToString() => _text ?? _number.ToString(CultureInfo.InvariantCulture);

    public static bool operator ==(IntOrString left, IntOrString right) => left.Equals(right);

    public static bool operator !=(IntOrString left, IntOrString right) => !left.Equals(right);

    /// <summary>A number.</summary>
    public static implicit operator IntOrString(int number) => new(number);

    /// <summary>A name or a percentage.</summary>
    public static implicit operator IntOrString(string text) => new(text);
}
