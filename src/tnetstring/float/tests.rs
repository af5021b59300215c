use proptest::prelude::*;

use super::{parse, write};

fn repr(value: f64) -> String {
    let mut out = b"before".to_vec();
    write(&mut out, value);
    String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned()
}

/// What Python 3.11 gives for `repr` of these; the numbers are spelt as their bits, so that no reader of floats has
/// a say in them.
#[test]
fn repr_is_that_of_python() {
    let expected: &[(u64, &str)] = &[
        (0x0000_0000_0000_0000, "0.0"),
        (0x8000_0000_0000_0000, "-0.0"),
        (0x3ff0_0000_0000_0000, "1.0"),
        (0xbff0_0000_0000_0000, "-1.0"),
        (0x3fb9_9999_9999_999a, "0.1"),
        (0x3fc9_9999_9999_999a, "0.2"),
        (0x3fd3_3333_3333_3334, "0.30000000000000004"),
        (0x3fd3_3333_3333_3333, "0.3"),
        (0x3fd5_5555_5555_5555, "0.3333333333333333"),
        (0x3fe5_5555_5555_5555, "0.6666666666666666"),
        (0x4059_0000_0000_0000, "100.0"),
        (0x430c_6bf5_2634_0000, "1000000000000000.0"),
        (0x430c_6bf5_2633_ffff, "999999999999999.9"),
        (0x4341_c379_37e0_7fff, "9999999999999998.0"),
        (0x4341_c379_37e0_8000, "1e+16"),
        (0x4376_3457_85d8_a000, "1e+17"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x4480_f0cf_064d_d592, "1e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x54b2_49ad_2594_c37d, "1e+100"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x0000_0000_0000_0002, "1e-323"),
        (0x0010_0000_0000_0000, "2.2250738585072014e-308"),
        (0x000f_ffff_ffff_ffff, "2.225073858507201e-308"),
        (0x3f1a_36e2_eb1c_432d, "0.0001"),
        (0x3f1f_7510_4d55_1d69, "0.00012"),
        (0x3f1a_36e2_eb1c_432e, "0.00010000000000000002"),
        (0x3f1a_36e2_eb1c_432c, "9.999999999999999e-05"),
        (0x3ee4_f8b5_88e3_68f1, "1e-05"),
        (0x3e7a_d7f2_9abc_af48, "1e-07"),
        (0x3e84_21f5_f40d_8376, "1.5e-07"),
        (0x3ddb_7cdf_d9d7_bdbb, "1e-10"),
        (0x2b2b_ff2e_e48e_0530, "1e-100"),
        (0x437b_69b4_ba63_0f35, "1.2345678901234568e+17"),
        (0x4340_0000_0000_0000, "9007199254740992.0"),
        (0x433f_ffff_ffff_ffff, "9007199254740991.0"),
        (0x41d9_3b7b_2600_0000, "1693314200.0"),
        (0x41d9_3b7b_2615_912a, "1693314200.336985"),
        (0x41d9_3b7b_2606_6666, "1693314200.1"),
        (0x41d7_5c43_a914_983c, "1567690404.3217916"),
        (0x41d9_54fc_4007_e6b4, "1700000000.123456"),
        (0x3f50_624d_d2f1_a9fc, "0.001"),
        (0x3fe0_0000_0000_0000, "0.5"),
        (0x3ff8_0000_0000_0000, "1.5"),
        (0x4004_0000_0000_0000, "2.5"),
        (0x405e_dd2f_1a9f_be77, "123.456"),
        (0xc05e_dd2f_1a9f_be77, "-123.456"),
        (0x4311_8b54_f22a_eb03, "1234567890123456.8"),
        (0x4345_ee2a_2eb5_a5c4, "1.2345678901234568e+16"),
        (0x4011_6666_6666_6666, "4.35"),
        (0x4020_d1eb_851e_b852, "8.41"),
        (0x4005_6666_6666_6666, "2.675"),
        (0x0000_1268_8b70_e62b, "1e-310"),
        (0x4009_21fb_5444_2d18, "3.141592653589793"),
        (0x4005_bf0a_8b14_5769, "2.718281828459045"),
        (0x44df_e185_ca57_c517, "6.02214076e+23"),
        (0x3c07_a4da_290c_1653, "1.602176634e-19"),
        (0x434e_32b4_7897_4000, "1.7e+16"),
        (0x3ee9_e3ab_e16f_c70d, "1.2345e-05"),
        (0x4331_c379_37e0_8000, "5000000000000000.0"),
        (0x7ff0_0000_0000_0000, "inf"),
        (0xfff0_0000_0000_0000, "-inf"),
        (0x7ff8_0000_0000_0000, "nan"),
        (0x4330_0000_0000_0000, "4503599627370496.0"),
        (0x43e0_0000_0000_0000, "9.223372036854776e+18"),
        (0x3eb0_c6f7_a0b5_ed8d, "1e-06"),
        (0xf2a7_4de4_52e6_b438, "-1.989032661366619e+244"),
        (0x6513_270e_269e_0d37, "7.761117632285041e+178"),
        (0x0c5c_7fd0_a6a3_a450, "3.980498358697587e-249"),
        (0xd23f_0824_128b_2f33, "-1.5432835417340557e+88"),
        (0x1818_e811_892f_902b, "1.3647584518757569e-192"),
        (0x9531_985d_5d9d_c9f8, "-1.3701135617873088e-206"),
        (0xe8e2_5d94_0ed9_0475, "-1.7160537630466207e+197"),
        (0x36f6_75cc_81e7_4ef5, "6.294675241195386e-44"),
        (0x1600_a35a_0999_50d8, "1.0613447212142254e-202"),
        (0x6b0d_549b_6f03_675a, "4.708325160387546e+207"),
        (0x3d9c_1724_11e2_0b8f, "6.387016158513563e-12"),
    ];
    assert!(expected.len() >= 80);
    for &(bits, expected) in expected {
        let value = f64::from_bits(bits);
        assert_eq!(repr(value), expected, "{bits:#x}");
        let read = parse(expected.as_bytes()).unwrap();
        assert!(read.to_bits() == bits || read.is_nan() && value.is_nan(), "{expected}");
    }
}

#[test]
fn every_nan_is_nan() {
    for bits in [0x7ff8_0000_0000_0000, 0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001] {
        assert_eq!(repr(f64::from_bits(bits)), "nan");
    }
}

/// As Python's `float()` does.
#[test]
fn other_spellings_are_read() {
    for (body, expected) in
        [("1.", 1.0), (".5", 0.5), ("1E5", 1e5), ("+1.5", 1.5), ("1e400", f64::INFINITY), ("Infinity", f64::INFINITY)]
    {
        assert_eq!(parse(body.as_bytes()), Some(expected), "{body}");
    }
}

#[test]
fn junk_is_not_read() {
    for body in ["", " ", "1e", "--1", "0x1p3", "1_0", "1 ", " 1", "1,5", "nane", "1.0.0", "\u{661}", "true"] {
        assert_eq!(parse(body.as_bytes()), None, "{body:?}");
    }
    assert_eq!(parse(b"1\xff"), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read(bits: u64) {
        let value = f64::from_bits(bits);
        let read = parse(repr(value).as_bytes()).unwrap();
        prop_assert!(read.to_bits() == bits || read.is_nan() && value.is_nan());
    }

    /// The notation changes where Python's does, and nowhere else.
    #[test]
    fn notation_follows_the_exponent(digits in 1u64..100_000_000_000_000_000, exponent in -30i32..30) {
        let value: f64 = format!("{digits}e{exponent}").parse().unwrap();
        let written = repr(value);
        let scientific = format!("{value:e}");
        let exponent: i32 = scientific.split_once('e').unwrap().1.parse().unwrap();
        prop_assert_eq!(written.contains('e'), !(-4..16).contains(&exponent), "{}", written);
        prop_assert!(written.contains('e') || written.contains('.'), "{}", written);
    }
}
